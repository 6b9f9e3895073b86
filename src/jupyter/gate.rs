//! The gate: listeners, and who gets in. Connections of strangers cost little and end soon.

use std::cell::Cell;
use std::fs;
use std::io;
use std::os::fd::{AsRawFd, OwnedFd};
use std::os::unix::fs::{FileTypeExt, MetadataExt, PermissionsExt};
use std::os::unix::net::UnixStream as StdUnixStream;
use std::path::{Path, PathBuf};
use std::rc::Rc;
use std::time::Duration;

use rustix::net::{AddressFamily, SocketAddrUnix, SocketFlags, SocketType as RawType};
use thiserror::Error;
use tokio::net::{TcpListener, UnixListener};

use super::connection::{Channel, Connection, Endpoint};
use super::forked;
use super::limits::Limits;
use super::zmtp::{Peers, Socket, Stream, serve};

/// Connections that the kernel holds ready for us.
const BACKLOG: i32 = 1024;
/// The pauses after a failed accept (out of descriptors): the first, and the longest.
const BACK_OFF: (Duration, Duration) = (Duration::from_millis(10), Duration::from_secs(1));

/// A channel that cannot be bound.
#[derive(Debug, Error)]
#[error("cannot listen on {endpoint} for {channel} (connection file {path}): {source}")]
pub struct BindError {
    channel: &'static str,
    endpoint: String,
    path: PathBuf,
    /// What the system said.
    pub source: io::Error,
}

enum Kind {
    Tcp(TcpListener),
    Unix(
        UnixListener,
        #[expect(dead_code, reason = "held for its drop")] SocketFile,
    ),
}

/// One bound channel.
pub struct Listener {
    _watched: forked::Watched,
    kind: Kind,
    channel: Channel,
}

impl Listener {
    /// Listens for `channel`. Needs a tokio runtime.
    pub fn bind(connection: &Connection, channel: Channel) -> Result<Self, BindError> {
        let endpoint = connection.endpoint(channel);
        let bound = match &endpoint {
            Endpoint::Tcp { host, port } => bind_tcp(host, *port),
            Endpoint::Ipc(path) => bind_ipc(path),
        };
        let failed = |source| BindError {
            channel: channel.name(),
            endpoint: match &endpoint {
                Endpoint::Tcp { host, port } => format!("tcp://{host}:{port}"),
                Endpoint::Ipc(path) => format!("ipc://{}", path.display()),
            },
            path: connection.path.clone(),
            source,
        };
        let kind = bound.map_err(failed)?;
        let fd = match &kind {
            Kind::Tcp(listener) => listener.as_raw_fd(),
            Kind::Unix(listener, _) => listener.as_raw_fd(),
        };
        Ok(Self {
            _watched: forked::Watched::new(fd),
            kind,
            channel,
        })
    }

    async fn accept(&self) -> io::Result<Stream> {
        match &self.kind {
            Kind::Tcp(listener) => Ok(Stream::tcp(listener.accept().await?.0)),
            Kind::Unix(listener, _) => {
                let stream = listener.accept().await?.0;
                let theirs = stream.peer_cred()?.uid();
                let ours = rustix::process::geteuid().as_raw();
                if theirs != ours && theirs != 0 {
                    return Err(io::Error::new(
                        io::ErrorKind::PermissionDenied,
                        format!("user {theirs} may not connect"),
                    ));
                }
                Ok(Stream::unix(stream))
            }
        }
    }
}

fn bind_tcp(host: &str, port: u16) -> io::Result<Kind> {
    let mut last = io::Error::from(io::ErrorKind::AddrNotAvailable);
    for address in std::net::ToSocketAddrs::to_socket_addrs(&(host, port))? {
        let socket = if address.is_ipv4() {
            tokio::net::TcpSocket::new_v4()
        } else {
            tokio::net::TcpSocket::new_v6()
        }?;
        // A restarted kernel gets its ports back while connections of the old one are in TIME_WAIT.
        socket.set_reuseaddr(true)?;
        match socket
            .bind(address)
            .and_then(|()| socket.listen(BACKLOG as u32))
        {
            Ok(listener) => return Ok(Kind::Tcp(listener)),
            Err(error) => last = error,
        }
    }
    Err(last)
}

/// Listens on a socket file that only the user can connect to; a stale file is removed first.
fn bind_ipc(path: &Path) -> io::Result<Kind> {
    remove_stale(path)?;
    let fd: OwnedFd = rustix::net::socket_with(
        AddressFamily::UNIX,
        RawType::STREAM,
        SocketFlags::CLOEXEC | SocketFlags::NONBLOCK,
        None,
    )?;
    rustix::net::bind(&fd, &SocketAddrUnix::new(path)?)?;
    let file = SocketFile::of(path)?;
    // Nobody can connect before listen(): there is no moment with wider permissions.
    fs::set_permissions(path, fs::Permissions::from_mode(0o600))?;
    rustix::net::listen(&fd, BACKLOG)?;
    Ok(Kind::Unix(UnixListener::from_std(fd.into())?, file))
}

/// Removes a socket file that nobody listens on (its kernel was killed).
fn remove_stale(path: &Path) -> io::Result<()> {
    match fs::symlink_metadata(path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
        Err(error) => return Err(error),
        Ok(found) if !found.file_type().is_socket() => {
            return Err(io::Error::new(
                io::ErrorKind::AlreadyExists,
                "a file that is no socket is in the way",
            ));
        }
        Ok(_) => {}
    }
    match StdUnixStream::connect(path) {
        Ok(_) => Err(io::Error::from(io::ErrorKind::AddrInUse)),
        Err(error) if error.kind() == io::ErrorKind::ConnectionRefused => fs::remove_file(path),
        Err(error) => Err(error),
    }
}

/// A socket file of ours; removed on drop unless another one has taken its place.
struct SocketFile {
    path: PathBuf,
    inode: (u64, u64),
}

impl SocketFile {
    fn of(path: &Path) -> io::Result<Self> {
        let found = fs::symlink_metadata(path)?;
        Ok(Self {
            path: path.to_owned(),
            inode: (found.dev(), found.ino()),
        })
    }
}

impl Drop for SocketFile {
    fn drop(&mut self) {
        let ours = fs::symlink_metadata(&self.path).is_ok_and(|m| (m.dev(), m.ino()) == self.inode);
        if ours && let Err(error) = fs::remove_file(&self.path) {
            tracing::warn!("cannot remove {}: {error}", self.path.display());
        }
    }
}

/// Connections on all channels, counted.
#[derive(Default)]
pub struct Census {
    open: Cell<usize>,
    next: Cell<u64>,
}

struct Counted(Rc<Census>);

impl Drop for Counted {
    fn drop(&mut self) {
        self.0.open.set(self.0.open.get() - 1);
    }
}

/// Accepts connections for ever and serves each in a task of its own.
pub async fn guard(
    listener: Listener,
    socket: Rc<dyn Socket>,
    peers: Rc<Peers>,
    census: Rc<Census>,
    limits: Limits,
) {
    let mut pause = BACK_OFF.0;
    let channel = listener.channel.name();
    loop {
        let stream = match listener.accept().await {
            Ok(stream) => stream,
            Err(error) if out_of_resources(&error) => {
                tracing::warn!(channel, "cannot accept connections for {pause:?}: {error}");
                tokio::time::sleep(pause).await;
                pause = (pause * 2).min(BACK_OFF.1);
                continue;
            }
            Err(error) => {
                tracing::info!(channel, "a connection was not accepted: {error}");
                continue;
            }
        };
        pause = BACK_OFF.0;
        let open = most(&limits);
        if census.open.get() >= open {
            tracing::warn!(
                channel,
                "a connection is refused: {open} are open, which is the limit"
            );
            continue;
        }
        census.open.set(census.open.get() + 1);
        let counted = Counted(census.clone());
        let id = census.next.replace(census.next.get() + 1);
        let (socket, peers, limits) = (socket.clone(), peers.clone(), limits.clone());
        let task = tokio::task::spawn_local(async move {
            let _counted = counted;
            if let Err(error) = serve(id, stream, socket, &peers, &limits).await {
                tracing::warn!(channel, peer = id, "a peer was dropped: {error}");
            }
        });
        tokio::task::spawn_local(async move {
            if let Err(error) = task.await
                && error.is_panic()
            {
                tracing::error!(channel, peer = id, "serving a peer panicked: {error}");
            }
        });
    }
}

/// How many connections may be open: no more than half of the descriptors, the others are for the user's code.
fn most(limits: &Limits) -> usize {
    let descriptors = rustix::process::getrlimit(rustix::process::Resource::Nofile).current;
    let half = descriptors.map_or(usize::MAX, |n| usize::try_from(n / 2).unwrap_or(usize::MAX));
    limits.connections.min(half)
}

fn out_of_resources(error: &io::Error) -> bool {
    matches!(
        error.raw_os_error(),
        Some(libc::EMFILE | libc::ENFILE | libc::ENOBUFS | libc::ENOMEM)
    )
}
