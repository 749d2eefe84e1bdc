//! Who is the instance, and who only was.

use super::*;

fn instance() -> Instance {
    Instance {
        port: 8050,
        bind: IpAddr::from([0, 0, 0, 0]),
        token: "t".to_owned(),
        boot: String::new(),
        pid: 1,
        epoch: "e".to_owned(),
        version: "0".to_owned(),
    }
}

fn won(folder: &Path) -> Claim {
    match claim(folder).unwrap() {
        Claimed::Won(claim) => claim,
        Claimed::Runs(other) => panic!("{other:?} runs"),
    }
}

#[test]
fn the_second_finds_the_first_and_a_third_takes_over_after_it() {
    let folder = tempfile::tempdir().unwrap();
    assert_eq!(running(folder.path()), None);
    let first = won(folder.path());
    let announced = first.announce(&instance()).unwrap();
    assert_eq!(running(folder.path()), Some(instance()));
    assert!(matches!(claim(folder.path()).unwrap(), Claimed::Runs(found) if found == instance()));
    drop(announced);
    drop(first);
    assert_eq!(running(folder.path()), None);
    drop(won(folder.path()));
}

#[test]
fn a_file_left_behind_counts_for_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let first = won(folder.path());
    std::mem::forget(first.announce(&instance()).unwrap());
    drop(first);
    assert!(folder.path().join(folders::INSTANCE).exists());
    assert_eq!(running(folder.path()), None);
    won(folder.path()).clear();
    assert!(!folder.path().join(folders::INSTANCE).exists());
}

#[test]
fn an_instance_on_every_interface_is_reached_by_loopback() {
    assert_eq!(instance().url(), "http://127.0.0.1:8050/");
    let sixth = Instance { bind: "::".parse().unwrap(), ..instance() };
    assert_eq!(sixth.url(), "http://[::1]:8050/");
}

#[test]
fn the_token_stays_and_a_broken_one_is_replaced() {
    let folder = tempfile::tempdir().unwrap();
    let token = token(folder.path()).unwrap();
    assert_eq!(token.len(), 64);
    assert_eq!(super::token(folder.path()).unwrap(), token);
    fs::write(folder.path().join(folders::TOKEN), "short").unwrap();
    assert_ne!(super::token(folder.path()).unwrap(), token);
}
