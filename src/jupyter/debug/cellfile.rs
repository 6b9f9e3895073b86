//! The file in which a debugger finds a cell: named by a hash of its text, as debugInfo tells clients.

use std::fs::{DirBuilder, OpenOptions};
use std::io::{self, Read, Write};
use std::os::unix::fs::{DirBuilderExt, MetadataExt, OpenOptionsExt};
use std::path::{Path, PathBuf};
use std::sync::OnceLock;

/// The seed that ipykernel uses, too; clients learn it from debugInfo.
pub const SEED: u32 = 0xc70f_6907;
/// No source file that is read is larger (bytes).
const LARGEST: u64 = 16 << 20;

/// `MurmurHash2`, 32 bits (Austin Appleby, public domain).
pub fn murmur2(data: &[u8], seed: u32) -> u32 {
    const FACTOR: u32 = 0x5bd1_e995;
    // The length goes in modulo 2^32, as the definition has it.
    let mut h = seed ^ data.len() as u32;
    let words = data.chunks_exact(4);
    let rest = words.remainder();
    for word in words {
        let k = u32::from_le_bytes([word[0], word[1], word[2], word[3]]).wrapping_mul(FACTOR);
        h = h.wrapping_mul(FACTOR) ^ (k ^ (k >> 24)).wrapping_mul(FACTOR);
    }
    if !rest.is_empty() {
        let tail = rest.iter().rev().fold(0, |k, &b| (k << 8) | u32::from(b));
        h = (h ^ tail).wrapping_mul(FACTOR);
    }
    h = (h ^ (h >> 13)).wrapping_mul(FACTOR);
    h ^ (h >> 15)
}

/// Where cells' files are: a folder of this process's, where Python's `tempfile` has its own. Numba and others recognise
/// notebooks by its name.
pub fn folder() -> &'static Path {
    static FOLDER: OnceLock<PathBuf> = OnceLock::new();
    FOLDER.get_or_init(|| {
        let named = ["TMPDIR", "TEMP", "TMP"]
            .into_iter()
            .filter_map(std::env::var_os);
        let found = named.map(PathBuf::from).find(|folder| folder.is_dir());
        let folder = found.unwrap_or_else(|| PathBuf::from("/tmp"));
        folder.join(format!("ipykernel_{}", std::process::id()))
    })
}

/// The path of the file of a cell with this text: its name as IPython compiles it, whether there is a file or not.
/// `IPYKERNEL_CELL_NAME` overrides it.
pub fn path(code: &[u8]) -> PathBuf {
    match std::env::var_os("IPYKERNEL_CELL_NAME") {
        Some(name) => PathBuf::from(name),
        None => folder().join(format!("{}.py", murmur2(code, SEED))),
    }
}

/// Writes the cell's file, for its user only; its path.
pub fn write(code: &str) -> io::Result<PathBuf> {
    let made = DirBuilder::new().mode(0o700).create(folder());
    match made {
        Err(error) if error.kind() != io::ErrorKind::AlreadyExists => return Err(error),
        _ => check_folder(folder())?,
    }
    let path = path(code.as_bytes());
    OpenOptions::new()
        .write(true)
        .create(true)
        .truncate(true)
        .mode(0o600)
        .custom_flags(libc::O_NOFOLLOW)
        .open(&path)?
        .write_all(code.as_bytes())?;
    Ok(path)
}

/// The name can be guessed: somebody else may have made a folder, or a link, of that name first.
fn check_folder(folder: &Path) -> io::Result<()> {
    let found = std::fs::symlink_metadata(folder)?;
    if found.is_dir() && found.uid() == rustix::process::geteuid().as_raw() {
        return Ok(());
    }
    let text = format!("{} belongs to somebody else", folder.display());
    Err(io::Error::new(io::ErrorKind::PermissionDenied, text))
}

/// The text of a source file. Only what is a file, and not endless: reading must not hold the I/O thread up.
pub fn read(path: &str) -> io::Result<String> {
    let mut file = OpenOptions::new()
        .read(true)
        .custom_flags(libc::O_NONBLOCK)
        .open(path)?;
    let found = file.metadata()?;
    if !found.is_file() || found.len() > LARGEST {
        return Err(io::Error::from(io::ErrorKind::InvalidInput));
    }
    let mut text = String::new();
    file.read_to_string(&mut text)?;
    Ok(text)
}

/// Takes the folder away at the kernel's end.
pub fn remove_all() {
    let _ = std::fs::remove_dir_all(folder());
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cells_are_not_written_where_somebody_else_may_look() {
        let directory = tempfile::tempdir().unwrap();
        assert!(check_folder(directory.path()).is_ok());
        let link = directory.path().join("link");
        std::os::unix::fs::symlink(directory.path(), &link).unwrap();
        assert!(check_folder(&link).is_err());
    }

    #[test]
    fn only_files_are_read_and_nothing_is_waited_for() {
        let directory = tempfile::tempdir().unwrap();
        let path = |name| {
            directory
                .path()
                .join(name)
                .into_os_string()
                .into_string()
                .unwrap()
        };
        std::fs::write(path("cell.py"), "x = 1").unwrap();
        assert_eq!(read(&path("cell.py")).unwrap(), "x = 1");
        let fifo = std::ffi::CString::new(path("fifo")).unwrap();
        // SAFETY: a string that ends with a zero.
        assert_eq!(unsafe { libc::mkfifo(fifo.as_ptr(), 0o600) }, 0);
        let endless = OpenOptions::new()
            .write(true)
            .create(true)
            .truncate(true)
            .open(path("endless"));
        endless.unwrap().set_len(LARGEST + 1).unwrap();
        for name in [
            path("fifo"),
            path("endless"),
            path("missing"),
            String::from("/dev/zero"),
        ] {
            assert!(read(&name).is_err(), "{name}");
        }
    }

    #[test]
    fn hashes_are_those_of_the_reference_implementation() {
        // Computed with ipykernel's function, which JupyterLab agrees with.
        for (text, expected) in [
            ("", 0xedd3_9288),
            ("a", 0x8129_eeee),
            ("ab", 0xa733_01b9),
            ("abc", 0xc7bb_dbb5),
            ("abcd", 0x2ff7_0f61),
            ("x = 1\n", 0x5f84_bcee),
            ("ééééééé", 0xc9af_ed0d),
        ] {
            assert_eq!(murmur2(text.as_bytes(), SEED), expected, "{text:?}");
        }
    }
}
