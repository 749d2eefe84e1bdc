//! From a number to its value, with the check that it is what was written.

use crate::{codes::Coded, error::damaged, functions::address};
use rusqlite::{Connection, OptionalExtension, Result, Row};
use std::{net::IpAddr, sync::Arc};
use tapmap_core::{
    AddressScope, App, AppEvidence, Asn, AutonomousSystem, Coordinates, Country, NameSource, OwnerRecord,
    Place, PlaceSource, Precision, RecordedName, RemoteRecord, Role,
};

/// By the number of a row, which the history gave itself.
type HashMap<Value> = std::collections::HashMap<i64, Value, foldhash::fast::RandomState>;

/// Looks values up, each number once. Lives as long as one question, since numbers can be used again
/// after something was erased.
pub(crate) struct Lookup<'a> {
    connection: &'a Connection,
    words: HashMap<Arc<str>>,
    owners: HashMap<Arc<OwnerRecord>>,
    locals: HashMap<IpAddr>,
    names: HashMap<Arc<RecordedName>>,
    remotes: HashMap<Arc<RemoteRecord>>,
    nobody: Arc<OwnerRecord>,
}

impl<'a> Lookup<'a> {
    pub(crate) fn new(connection: &'a Connection) -> Self {
        Self {
            connection,
            words: HashMap::default(),
            owners: HashMap::default(),
            locals: HashMap::default(),
            names: HashMap::default(),
            remotes: HashMap::default(),
            nobody: Arc::default(),
        }
    }

    pub(crate) fn word(&mut self, id: i64) -> Result<Arc<str>> {
        if let Some(word) = self.words.get(&id) {
            return Ok(Arc::clone(word));
        }
        let sql = "SELECT print = row_print(text), text FROM word WHERE id = ?1";
        let word: Arc<str> = self.one(sql, id, |row| row.get(1))?;
        self.words.insert(id, Arc::clone(&word));
        Ok(word)
    }

    pub(crate) fn owner(&mut self, id: Option<i64>) -> Result<Arc<OwnerRecord>> {
        let Some(id) = id else { return Ok(Arc::clone(&self.nobody)) };
        if let Some(owner) = self.owners.get(&id) {
            return Ok(Arc::clone(owner));
        }
        let sql = "SELECT owner.print = row_print(program, pid, start)
                AND program.print = row_print(app, evidence, process, executable, user, own),
                app, evidence, process, pid, start, executable, user, own
            FROM owner JOIN program ON program.id = owner.program WHERE owner.id = ?1";
        let (word, evidence, mut owner) = self.one(sql, id, |row| {
            let owner = OwnerRecord {
                app: None,
                process: row.get(3)?,
                pid: row.get(4)?,
                start: row.get::<_, Option<i64>>(5)?.map(i64::cast_unsigned),
                executable: row.get(6)?,
                user: row.get(7)?,
                own: row.get(8)?,
            };
            Ok((row.get::<_, Option<i64>>(1)?, coded::<AppEvidence>(row, 2)?, owner))
        })?;
        if let Some((word, evidence)) = word.zip(evidence) {
            owner.app = Some(App { name: self.word(word)?, evidence });
        }
        let owner = Arc::new(owner);
        self.owners.insert(id, Arc::clone(&owner));
        Ok(owner)
    }

    pub(crate) fn local(&mut self, id: i64) -> Result<IpAddr> {
        if let Some(local) = self.locals.get(&id) {
            return Ok(*local);
        }
        let sql = "SELECT print = row_print(address), address FROM local WHERE id = ?1";
        let local = self.one(sql, id, |row| read_address(row, 1))?;
        self.locals.insert(id, local);
        Ok(local)
    }

    pub(crate) fn name(&mut self, id: Option<i64>) -> Result<Option<Arc<RecordedName>>> {
        let Some(id) = id else { return Ok(None) };
        if let Some(name) = self.names.get(&id) {
            return Ok(Some(Arc::clone(name)));
        }
        let sql = "SELECT print = row_print(names, source), names, source FROM name WHERE id = ?1";
        let name = self.one(sql, id, |row| {
            let names: String = row.get(1)?;
            let source = coded::<NameSource>(row, 2)?.ok_or_else(|| damaged("a name"))?;
            Ok(Arc::new(RecordedName { candidates: names.split('\n').map(Arc::from).collect(), source }))
        })?;
        self.names.insert(id, Arc::clone(&name));
        Ok(Some(name))
    }

    pub(crate) fn remote(&mut self, id: i64) -> Result<Arc<RemoteRecord>> {
        if let Some(remote) = self.remotes.get(&id) {
            return Ok(Arc::clone(remote));
        }
        let sql = "SELECT print = row_print(address, scope, country, city, latitude, longitude, accuracy_km,
                precision, place_source, asn, organisation, operator, anycast, role),
                address, scope, country, city, latitude, longitude, accuracy_km, precision, place_source, asn,
                organisation, operator, anycast, role
            FROM remote WHERE id = ?1";
        let remote = Arc::new(self.one(sql, id, read_remote)?);
        self.remotes.insert(id, Arc::clone(&remote));
        Ok(remote)
    }

    /// The one row that must be there and whose first column says that it is sound.
    fn one<T>(&self, sql: &str, id: i64, read: impl FnOnce(&Row<'_>) -> Result<T>) -> Result<T> {
        let mut statement = self.connection.prepare_cached(sql)?;
        let row =
            statement.query_row([id], |row| if row.get(0)? { read(row) } else { Err(damaged("a word")) });
        row.optional()?.ok_or_else(|| damaged("a reference to a word"))
    }
}

fn read_remote(row: &Row<'_>) -> Result<RemoteRecord> {
    let what = || damaged("an address");
    let point = row.get::<_, Option<f64>>(5)?.zip(row.get(6)?);
    let place = match coded::<Precision>(row, 8)? {
        None => None,
        Some(precision) => Some(Place {
            country: row.get_ref(3)?.as_str_or_null()?.and_then(Country::new),
            city: row.get(4)?,
            coordinates: point.and_then(|(latitude, longitude)| Coordinates::new(latitude, longitude)),
            accuracy_km: row.get(7)?,
            precision,
            source: coded::<PlaceSource>(row, 9)?.ok_or_else(what)?,
        }),
    };
    let system = match row.get(10)? {
        None => None,
        Some(asn) => Some(Arc::new(AutonomousSystem {
            asn: Asn(asn),
            organisation: row.get(11)?,
            operator: row.get(12)?,
        })),
    };
    Ok(RemoteRecord {
        address: read_address(row, 1)?,
        scope: coded::<AddressScope>(row, 2)?.ok_or_else(what)?,
        place,
        system,
        anycast: row.get(13)?,
        role: coded::<Role>(row, 14)?,
    })
}

fn read_address(row: &Row<'_>, column: usize) -> Result<IpAddr> {
    address(row.get_ref(column)?.as_blob()?).ok_or_else(|| damaged("an address"))
}

/// A vocabulary's word, `None` for NULL.
pub(crate) fn coded<T: Coded>(row: &Row<'_>, column: usize) -> Result<Option<T>> {
    let code: Option<i64> = row.get(column)?;
    code.map(|code| T::of_code(code).ok_or_else(|| damaged("a code"))).transpose()
}
