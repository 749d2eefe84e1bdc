//! Says of an address where it is, whose network it is and what it is for, and of a port what it is
//! called: from data inside the program and from database files of the user's own.
//!
//! It asks nobody: no request leaves the machine from here. It opens files only in
//! [`Locator::recheck`], in the folder it is told.

#![forbid(unsafe_code)]

mod cache;
pub mod cloud;
mod locator;
mod mmdb;
mod operators;
mod own_place;
pub mod pack;
mod roles;
mod services;
mod table;

pub use locator::{Data, DataSource, Locator};
pub use mmdb::try_database;
pub use own_place::{country_name, country_point, from_interfaces, from_time_zone, system_time_zone};
pub use roles::role_table;
pub use services::service_name;
