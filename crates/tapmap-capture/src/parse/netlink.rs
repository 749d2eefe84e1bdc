//! Splits what a netlink socket received into messages (`linux/netlink.h`, `nlmsghdr`). What a
//! message carries is read elsewhere.

use super::{u16_at, u32_at};

/// Bytes of the header before each message's body.
const HEADER: usize = 16;
/// `NLMSG_ERROR`.
const ERROR: u16 = 2;
/// `NLMSG_DONE`.
const DONE: u16 = 3;
/// `NLM_F_DUMP_INTR`: the table changed under the dump.
const INTERRUPTED: u16 = 0x10;

/// One message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Message<'bytes> {
    /// The number of the request that it answers.
    pub sequence: u32,
    /// Whether the kernel marked the dump as inconsistent.
    pub interrupted: bool,
    /// What it says.
    pub content: Content<'bytes>,
}

/// What a message says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Content<'bytes> {
    /// A record.
    Record(&'bytes [u8]),
    /// The dump is complete.
    Done,
    /// The request failed with this error number (positive).
    Failed(i32),
}

/// The messages in received bytes. Ends at the first header that does not fit.
#[derive(Clone, Debug)]
pub struct Messages<'bytes> {
    rest: &'bytes [u8],
}

/// Splits received bytes into messages.
pub fn messages(bytes: &[u8]) -> Messages<'_> {
    Messages { rest: bytes }
}

impl<'bytes> Iterator for Messages<'bytes> {
    type Item = Message<'bytes>;

    fn next(&mut self) -> Option<Message<'bytes>> {
        let length = usize::try_from(u32_at(self.rest, 0)?).ok()?;
        let kind = u16_at(self.rest, 4)?;
        let flags = u16_at(self.rest, 6)?;
        let sequence = u32_at(self.rest, 8)?;
        let body = self.rest.get(HEADER..length)?;
        // Messages begin at multiples of four; the last one may lack its padding.
        self.rest = self.rest.get(length.next_multiple_of(4)..).unwrap_or_default();
        let content = match kind {
            // Both carry a negative error number; 0 in an error message is an acknowledgement, and
            // in the end of a dump says that all is well.
            ERROR | DONE => match u32_at(body, 0).unwrap_or(0).cast_signed() {
                0 => Content::Done,
                number => Content::Failed(number.saturating_neg()),
            },
            _ => Content::Record(body),
        };
        Some(Message { sequence, interrupted: flags & INTERRUPTED != 0, content })
    }
}
