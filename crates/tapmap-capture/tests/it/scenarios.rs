//! Each scenario file comes out as it says it will, and a recording of it comes out the same.

use std::{fs, net::IpAddr, path::PathBuf, sync::Arc};

use tapmap_capture::{
    recording::{RecordingReader, RecordingWriter},
    scenario::{Scenario, describe_changes},
};
use tapmap_core::{AddressScope, Enricher, LiveState, Observation, Protocol, RemoteInfo, Service};

/// Knows nothing but the scope.
struct Bare;

impl Enricher for Bare {
    fn remote(&self, address: IpAddr) -> Arc<RemoteInfo> {
        Arc::new(RemoteInfo::bare(AddressScope::of(address)))
    }

    fn service(&self, _: Protocol, _: u16) -> Service {
        Service::default()
    }
}

fn scenarios() -> Vec<(PathBuf, Scenario)> {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../../fixtures/scenarios");
    let mut paths: Vec<PathBuf> = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    paths.sort();
    let read = |path: PathBuf| {
        let scenario = Scenario::parse(&fs::read_to_string(&path).unwrap());
        let scenario =
            scenario.unwrap_or_else(|error| panic!("{}: {error} {:?}", path.display(), error.cause));
        (path, scenario)
    };
    paths.into_iter().map(read).collect()
}

fn outcome(observations: impl IntoIterator<Item = Observation>) -> Vec<String> {
    let mut live = LiveState::default();
    let mut lines = Vec::new();
    for observation in observations {
        lines.extend(describe_changes(&live.apply(observation, &Bare)));
    }
    lines
}

#[test]
fn scenarios_come_out_as_they_say() {
    let scenarios = scenarios();
    assert!(scenarios.len() >= 12, "only {} scenarios were found", scenarios.len());
    let differences: Vec<String> = scenarios
        .iter()
        .filter_map(|(path, scenario)| {
            let difference = scenario.compare(&outcome(scenario.observations())).err()?;
            Some(format!("{}: {difference}", path.display()))
        })
        .collect();
    assert!(differences.is_empty(), "{}", differences.join("\n"));
}

#[test]
fn a_recording_of_a_scenario_comes_out_the_same() {
    for (path, scenario) in scenarios() {
        let mut writer = RecordingWriter::new(Vec::new(), &scenario.header()).unwrap();
        for observation in scenario.observations() {
            writer.write(&observation).unwrap();
        }
        let file = writer.finish().unwrap();
        let played: Vec<Observation> = RecordingReader::new(&*file).unwrap().map(Result::unwrap).collect();
        // Tables have no order: where several flows open at once, their numbers may differ.
        let plain = |lines: Vec<String>| {
            let mut lines: Vec<String> = lines
                .iter()
                .map(|line| {
                    line.split(' ').filter(|word| !word.starts_with('#')).collect::<Vec<_>>().join(" ")
                })
                .collect();
            lines.sort();
            lines
        };
        assert_eq!(plain(outcome(played)), plain(outcome(scenario.observations())), "{}", path.display());
    }
}
