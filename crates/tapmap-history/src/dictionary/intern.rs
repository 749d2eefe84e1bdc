//! From a value to its number, adding it when it is new.

use crate::codes::Coded;
use rusqlite::{Connection, OptionalExtension, Result, ToSql, params};
use std::{collections::HashMap, hash::Hash, net::IpAddr, sync::Arc};
use tapmap_core::{OwnerRecord, RecordedName, RemoteRecord};

const NUMBER_OF_WORD: &str = "SELECT id FROM word WHERE print = row_print(?1)";

/// The number of a word; `None` when it was never written.
pub(crate) fn number_of_word(connection: &Connection, text: &str) -> Result<Option<i64>> {
    connection.prepare_cached(NUMBER_OF_WORD)?.query_row([text], |row| row.get(0)).optional()
}

/// How many numbers of each kind are remembered: a few MB at most.
const REMEMBERED: usize = 20_000;

/// What has been looked up lately. Must be forgotten when a transaction is undone.
#[derive(Debug, Default)]
pub(crate) struct Dictionary {
    words: HashMap<Arc<str>, i64>,
    owners: HashMap<Arc<OwnerRecord>, i64>,
    locals: HashMap<IpAddr, i64>,
    names: HashMap<Arc<RecordedName>, i64>,
    /// By address: the data behind it changes seldom.
    remotes: HashMap<IpAddr, (Arc<RemoteRecord>, i64)>,
}

impl Dictionary {
    /// Forgets everything that was looked up.
    pub(crate) fn clear(&mut self) {
        *self = Self::default();
    }

    pub(crate) fn word(&mut self, connection: &Connection, text: &str) -> Result<i64> {
        if let Some(id) = self.words.get(text) {
            return Ok(*id);
        }
        let id = intern(
            connection,
            NUMBER_OF_WORD,
            "INSERT INTO word (text, print) VALUES (?1, row_print(?1))",
            params![text],
        )?;
        remember(&mut self.words, text.into(), id);
        Ok(id)
    }

    /// The owner's number; `None` when nothing at all is known of it.
    pub(crate) fn owner(&mut self, connection: &Connection, owner: &Arc<OwnerRecord>) -> Result<Option<i64>> {
        if **owner == OwnerRecord::default() {
            return Ok(None);
        }
        if let Some(id) = self.owners.get(owner) {
            return Ok(Some(*id));
        }
        let app = owner.app.as_ref().map(|app| self.word(connection, &app.name)).transpose()?;
        let evidence = owner.app.as_ref().map(|app| app.evidence.code());
        let program = intern(
            connection,
            "SELECT id FROM program WHERE print = row_print(?1, ?2, ?3, ?4, ?5, ?6)",
            "INSERT INTO program (app, evidence, process, executable, user, own, print)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, row_print(?1, ?2, ?3, ?4, ?5, ?6))",
            params![app, evidence, owner.process, owner.executable, owner.user, owner.own],
        )?;
        let start = owner.start.map(u64::cast_signed);
        let id = intern(
            connection,
            "SELECT id FROM owner WHERE print = row_print(?1, ?2, ?3)",
            "INSERT INTO owner (program, pid, start, print) VALUES (?1, ?2, ?3, row_print(?1, ?2, ?3))",
            params![program, owner.pid, start],
        )?;
        remember(&mut self.owners, Arc::clone(owner), id);
        Ok(Some(id))
    }

    pub(crate) fn local(&mut self, connection: &Connection, address: IpAddr) -> Result<i64> {
        if let Some(id) = self.locals.get(&address) {
            return Ok(*id);
        }
        let id = intern(
            connection,
            "SELECT id FROM local WHERE print = row_print(?1)",
            "INSERT INTO local (address, print) VALUES (?1, row_print(?1))",
            params![bytes(address)],
        )?;
        remember(&mut self.locals, address, id);
        Ok(id)
    }

    pub(crate) fn name(&mut self, connection: &Connection, name: &Arc<RecordedName>) -> Result<i64> {
        if let Some(id) = self.names.get(name) {
            return Ok(*id);
        }
        let lines: Vec<String> = name.candidates.iter().map(|name| name.replace('\n', "\u{fffd}")).collect();
        let id = intern(
            connection,
            "SELECT id FROM name WHERE print = row_print(?1, ?2)",
            "INSERT INTO name (names, source, print) VALUES (?1, ?2, row_print(?1, ?2))",
            params![lines.join("\n"), name.source.code()],
        )?;
        remember(&mut self.names, Arc::clone(name), id);
        Ok(id)
    }

    pub(crate) fn remote(&mut self, connection: &Connection, remote: &Arc<RemoteRecord>) -> Result<i64> {
        if let Some((known, id)) = self.remotes.get(&remote.address)
            && known == remote
        {
            return Ok(*id);
        }
        let place = remote.place.as_ref();
        let point = place.and_then(|place| place.coordinates);
        let country = place.and_then(|place| place.country);
        let system = remote.system.as_ref();
        let id = intern(
            connection,
            "SELECT id FROM remote
             WHERE print = row_print(?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14)",
            "INSERT INTO remote (address, scope, country, city, latitude, longitude, accuracy_km, precision,
                 place_source, asn, organisation, operator, anycast, role, print)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14,
                 row_print(?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14))",
            params![
                bytes(remote.address),
                remote.scope.code(),
                country.as_ref().map(tapmap_core::Country::code),
                place.and_then(|place| place.city.as_deref()),
                point.map(|point| point.latitude),
                point.map(|point| point.longitude),
                place.map(|place| place.accuracy_km),
                place.map(|place| place.precision.code()),
                place.map(|place| place.source.code()),
                system.map(|system| system.asn.0),
                system.map(|system| &*system.organisation),
                system.map(|system| &*system.operator),
                remote.anycast,
                remote.role.as_ref().map(Coded::code),
            ],
        )?;
        remember(&mut self.remotes, remote.address, (Arc::clone(remote), id));
        Ok(id)
    }
}

/// The number of a value: that of the row with its print, or of a new one.
fn intern(connection: &Connection, find: &str, add: &str, values: &[&dyn ToSql]) -> Result<i64> {
    let mut statement = connection.prepare_cached(find)?;
    if let Some(id) = statement.query_row(values, |row| row.get(0)).optional()? {
        return Ok(id);
    }
    connection.prepare_cached(add)?.insert(values)
}

fn remember<K: Eq + Hash, V>(map: &mut HashMap<K, V>, key: K, value: V) {
    if map.len() >= REMEMBERED {
        map.clear();
    }
    map.insert(key, value);
}

/// An address as it is kept: 4 or 16 bytes.
pub(super) fn bytes(address: IpAddr) -> Vec<u8> {
    match address {
        IpAddr::V4(address) => address.octets().to_vec(),
        IpAddr::V6(address) => address.octets().to_vec(),
    }
}
