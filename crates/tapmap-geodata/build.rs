//! Expands the checked-in location data, so that the program carries it ready to be read in place.

use std::{error::Error, fs, path::Path};

use ruzstd::decoding::FrameDecoder;

/// Larger than any pack may ever be; a damaged file must not fill the memory.
const MOST_BYTES: usize = 64 << 20;

#[expect(clippy::disallowed_methods, reason = "cargo tells a build script by the environment where to write")]
fn main() -> Result<(), Box<dyn Error>> {
    let out = std::env::var_os("OUT_DIR").ok_or("OUT_DIR is not set")?;
    for name in ["places.pack", "asn.pack", "cloud.pack"] {
        let file = format!("data/{name}.zst");
        println!("cargo::rerun-if-changed={file}");
        let compressed = fs::read(&file).map_err(|error| format!("cannot read {file}: {error}"))?;
        let bytes = expand(&compressed).map_err(|error| format!("cannot expand {file}: {error}"))?;
        fs::write(Path::new(&out).join(name), bytes)?;
    }
    Ok(())
}

fn expand(compressed: &[u8]) -> Result<Vec<u8>, Box<dyn Error>> {
    let mut decoder = FrameDecoder::new();
    decoder.reset(compressed)?;
    let length = usize::try_from(decoder.content_size())?;
    if length == 0 || length > MOST_BYTES {
        return Err("the stated length is impossible".into());
    }
    let mut bytes = vec![0; length];
    let written = FrameDecoder::new().decode_all(compressed, &mut bytes)?;
    if written == length { Ok(bytes) } else { Err("it is shorter than stated".into()) }
}
