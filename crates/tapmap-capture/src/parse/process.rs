//! Reads the texts below `/proc/<pid>` and the list of users (proc(5), passwd(5)).

use super::decimal;

/// What `/proc/<pid>/stat` says, as far as it is needed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ProcessStat<'text> {
    /// The kernel's short name of the process; any bytes.
    pub name: &'text [u8],
    /// The process that started it; 0 for none.
    pub parent: u32,
    /// When it started, in clock ticks since boot (field 22).
    pub start: u64,
}

/// Reads `/proc/<pid>/stat`. The name may itself hold blanks and brackets, so the last bracket ends it.
pub fn stat(text: &[u8]) -> Option<ProcessStat<'_>> {
    let open = text.iter().position(|byte| *byte == b'(')?;
    let close = text.iter().rposition(|byte| *byte == b')')?;
    let name = text.get(open + 1..close)?;
    let mut fields = text.get(close + 2..)?.split(|byte| *byte == b' ');
    let parent = decimal(fields.nth(1)?)?;
    // Field 22; the parent was field 4.
    let start = decimal(fields.nth(17)?)?;
    Some(ProcessStat { name, parent: u32::try_from(parent).ok()?, start })
}

/// The effective user id in `/proc/<pid>/status`, which names it even where the owner of the
/// folder does not (programs that may not be dumped belong to root there).
pub fn effective_user(status: &[u8]) -> Option<u32> {
    let line = status.split(|byte| *byte == b'\n').find_map(|line| line.strip_prefix(b"Uid:"))?;
    let field = line.split(u8::is_ascii_whitespace).filter(|field| !field.is_empty()).nth(1)?;
    u32::try_from(decimal(field)?).ok()
}

/// The moment of boot in seconds since 1970, from `/proc/stat`.
pub fn boot_seconds(text: &[u8]) -> Option<u64> {
    text.split(|byte| *byte == b'\n').find_map(|line| line.strip_prefix(b"btime ")).and_then(decimal)
}

/// The users of `/etc/passwd`: number and name.
pub fn users(text: &str) -> impl Iterator<Item = (u32, &str)> {
    text.lines().filter_map(|line| {
        let mut fields = line.split(':');
        let name = fields.next().filter(|name| !name.is_empty())?;
        Some((fields.nth(1)?.parse().ok()?, name))
    })
}

/// The inode number in the target of a descriptor's link, `socket:[12345]`; `None` for anything else.
pub fn socket_inode(target: &[u8]) -> Option<u32> {
    let number = target.strip_prefix(b"socket:[")?.strip_suffix(b"]")?;
    u32::try_from(decimal(number)?).ok()
}
