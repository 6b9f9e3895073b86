//! The connection to debugpy's adapter, a process of its own: two tasks on the I/O thread, one a direction.

use std::rc::Weak;

use serde_json::Value;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::net::tcp::{OwnedReadHalf, OwnedWriteHalf};
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};

use super::Debugger;
use super::dap::{Decoder, encode};

/// Sends to the adapter; the connection closes when it is dropped.
pub struct Adapter {
    outgoing: UnboundedSender<Vec<u8>>,
}

impl Adapter {
    /// Connects to `port` on this machine. What arrives goes to `debugger`, and its end too.
    pub async fn connect(port: u16, debugger: Weak<Debugger>) -> std::io::Result<Self> {
        let stream = TcpStream::connect(("127.0.0.1", port)).await?;
        stream.set_nodelay(true)?;
        let (reader, writer) = stream.into_split();
        let (outgoing, queue) = unbounded_channel();
        tokio::task::spawn_local(write(writer, queue));
        tokio::task::spawn_local(async move {
            let why = read(reader, &debugger).await;
            if let Some(debugger) = debugger.upgrade() {
                debugger.adapter_ended(port, &why);
            }
        });
        Ok(Self { outgoing })
    }

    /// Queues a message.
    pub fn send(&self, message: &Value) {
        let _ = self.outgoing.send(encode(message));
    }
}

async fn write(mut writer: OwnedWriteHalf, mut queue: UnboundedReceiver<Vec<u8>>) {
    while let Some(bytes) = queue.recv().await {
        if let Err(error) = writer.write_all(&bytes).await {
            return tracing::debug!("the debug adapter does not read any more: {error}");
        }
    }
}

/// Reads until the connection ends; why it did.
async fn read(mut reader: OwnedReadHalf, debugger: &Weak<Debugger>) -> String {
    let mut decoder = Decoder::default();
    let mut buffer = vec![0; 64 * 1024];
    loop {
        let count = match reader.read(&mut buffer).await {
            Ok(0) => return String::from("the debug adapter has closed the connection"),
            Ok(count) => count,
            Err(error) => return format!("the connection to the debug adapter broke: {error}"),
        };
        decoder.push(&buffer[..count]);
        loop {
            match decoder.next() {
                Ok(Some(message)) => match debugger.upgrade() {
                    Some(debugger) => debugger.received(message),
                    None => return String::from("the kernel ends"),
                },
                Ok(None) => break,
                Err(error) => return format!("the debug adapter sent {error}"),
            }
        }
    }
}
