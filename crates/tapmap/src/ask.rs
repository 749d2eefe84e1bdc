//! Asking whoever sits at the terminal before something is done that cannot be taken back.

use crate::{
    exit::{Failure, FailureKind},
    render,
};
use std::io::{self, IsTerminal as _};

/// Whether a person at the terminal agrees. `without` is the command that does it without asking.
///
/// # Errors
/// When nobody can be asked.
pub(crate) fn agreed(question: &str, without: &str) -> anyhow::Result<bool> {
    if !io::stdin().is_terminal() {
        let message = "nothing was changed: nobody can be asked, since this is no terminal";
        let hint = format!("`{without}` does it without asking");
        return Err(Failure::new(FailureKind::Usage, message).hint(hint).into());
    }
    render::print(&format!("{question} [y/N] "))?;
    let mut answer = String::new();
    io::stdin().read_line(&mut answer)?;
    let agreed = matches!(answer.trim().to_ascii_lowercase().as_str(), "y" | "yes");
    if !agreed {
        render::print("Nothing was changed.\n")?;
    }
    Ok(agreed)
}
