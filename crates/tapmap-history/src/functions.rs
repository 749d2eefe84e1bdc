//! What SQL can call: check sums of rows, and the comparisons of the filter language, which are core's
//! own, so that a query and a look at a record agree.

use rusqlite::{
    Connection, Result, Row,
    functions::{Context, FunctionFlags},
    types::ValueRef,
};
use std::net::IpAddr;
use tapmap_core::{AddressBlock, Pattern};

/// The bits of a print that are the check sum of a row.
const SUM_BITS: i64 = 0x7fff;

/// Adds the functions to a connection.
pub(crate) fn add(connection: &Connection) -> Result<()> {
    let flags =
        FunctionFlags::SQLITE_UTF8 | FunctionFlags::SQLITE_DETERMINISTIC | FunctionFlags::SQLITE_INNOCUOUS;
    connection
        .create_scalar_function("row_sum", -1, flags, |context| Ok(print(values(context)) & SUM_BITS))?;
    connection.create_scalar_function("row_print", -1, flags, |context| Ok(print(values(context))))?;
    connection.create_scalar_function("fits", 2, flags, |context| {
        let pattern = context.get_or_create_aux(0, |pattern| pattern.as_str().map(Pattern::new))?;
        Ok(pattern.fits(context.get_raw(1).as_str_or_null()?))
    })?;
    // Names stand one a line; one of them must fit.
    connection.create_scalar_function("name_fits", 2, flags, |context| {
        let pattern = context.get_or_create_aux(0, |pattern| pattern.as_str().map(Pattern::new))?;
        let names = context.get_raw(1).as_str_or_null()?;
        Ok(names.is_some_and(|names| names.split('\n').any(|name| pattern.fits(Some(name)))))
    })?;
    connection.create_scalar_function("is_within", 2, flags, |context| {
        let pattern = context.get_or_create_aux(0, |pattern| pattern.as_str().map(Pattern::new))?;
        match context.get_raw(1) {
            ValueRef::Blob(bytes) => Ok(address(bytes).is_some_and(|it| pattern.is_within(&it.to_string()))),
            text => Ok(text.as_str_or_null()?.is_some_and(|text| pattern.is_within(text))),
        }
    })?;
    connection.create_scalar_function("name_within", 2, flags, |context| {
        let pattern = context.get_or_create_aux(0, |pattern| pattern.as_str().map(Pattern::new))?;
        let names = context.get_raw(1).as_str_or_null()?;
        Ok(names.is_some_and(|names| names.split('\n').any(|name| pattern.is_within(name))))
    })?;
    connection.create_scalar_function("in_block", 2, flags, |context| {
        let block = context.get_or_create_aux(0, |block| block.as_str().map(AddressBlock::parse))?;
        let address = address(context.get_raw(1).as_blob()?);
        Ok(block.zip(address).is_some_and(|(block, address)| block.holds(address)))
    })
}

/// Whether a row's check sum, in one column, is that of some others: much faster than asking SQL.
pub(crate) fn is_sound(row: &Row<'_>, columns: &[usize], sum: usize) -> Result<bool> {
    let values = columns.iter().map(|column| row.get_ref(*column).unwrap_or(ValueRef::Null));
    Ok(print(values) & SUM_BITS == row.get::<_, i64>(sum)?)
}

/// The same of whole numbers that were read already.
pub(crate) fn is_sum(numbers: impl IntoIterator<Item = Option<i64>>, sum: Option<i64>) -> bool {
    let values = numbers.into_iter().map(|number| number.map_or(ValueRef::Null, ValueRef::Integer));
    Some(print(values) & SUM_BITS) == sum
}

/// An address from its 4 or 16 bytes.
pub(crate) fn address(bytes: &[u8]) -> Option<IpAddr> {
    match bytes.len() {
        4 => <[u8; 4]>::try_from(bytes).ok().map(IpAddr::from),
        16 => <[u8; 16]>::try_from(bytes).ok().map(IpAddr::from),
        _ => None,
    }
}

fn values<'a>(context: &'a Context<'_>) -> impl Iterator<Item = ValueRef<'a>> {
    (0..context.len()).map(|index| context.get_raw(index))
}

/// A number that differs, almost surely, when a value differs: FNV-1a over kinds and bytes of the
/// values, a multiplication by the golden ratio for each whole number, and the finish of MurmurHash3.
fn print<'a>(values: impl IntoIterator<Item = ValueRef<'a>>) -> i64 {
    let mut hash = 0xcbf2_9ce4_8422_2325_u64;
    for value in values {
        match value {
            ValueRef::Null => hash = take(hash, 0, &[]),
            // Most values are numbers, and a month has millions: they are taken as a whole.
            ValueRef::Integer(number) => {
                hash = (hash ^ number.cast_unsigned()).wrapping_mul(0x9e37_79b9_7f4a_7c15).rotate_left(29);
            }
            ValueRef::Real(number) => hash = take(hash, 2, &number.to_bits().to_le_bytes()),
            ValueRef::Text(bytes) => hash = take(hash, 3, bytes),
            ValueRef::Blob(bytes) => hash = take(hash, 4, bytes),
        }
    }
    hash = (hash ^ (hash >> 33)).wrapping_mul(0xff51_afd7_ed55_8ccd);
    hash = (hash ^ (hash >> 33)).wrapping_mul(0xc4ce_b9fe_1a85_ec53);
    i64::from_le_bytes((hash ^ (hash >> 33)).to_le_bytes())
}

fn take(hash: u64, kind: u8, bytes: &[u8]) -> u64 {
    let all = std::iter::once(&kind).chain(bytes);
    all.fold(hash, |hash, byte| (hash ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3))
}
