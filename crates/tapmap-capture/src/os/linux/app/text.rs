//! Names as they may be shown: whoever starts a process chooses its name, so it is never trusted.

use std::sync::Arc;

/// The longest name, in characters.
const LONGEST_NAME: usize = 120;

/// The name without control characters, marks that turn the direction of text or show nothing,
/// and blank ends; at most 120 characters. `None` when nothing is left.
pub(super) fn shown(name: &str) -> Option<Arc<str>> {
    let clean: String =
        name.chars().map(|letter| if is_hidden(letter) { '\u{fffd}' } else { letter }).collect();
    let clean = clean.trim();
    if clean.chars().all(|letter| letter == '\u{fffd}' || letter.is_whitespace()) {
        return None;
    }
    if clean.chars().count() <= LONGEST_NAME {
        return Some(clean.into());
    }
    let beginning: String = clean.chars().take(LONGEST_NAME - 1).collect();
    Some(format!("{beginning}…").into())
}

/// Controls, and the invisible or direction-turning marks of Unicode (UAX 9, UTR 36).
fn is_hidden(letter: char) -> bool {
    letter.is_control()
        || matches!(letter,
            '\u{ad}' | '\u{61c}' | '\u{180e}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}'
            | '\u{2060}'..='\u{206f}' | '\u{feff}' | '\u{fff9}'..='\u{fffb}' | '\u{e0000}'..='\u{e007f}')
}
