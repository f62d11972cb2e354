//! A client of AWS Config that keeps its connection.

use serde_json::Value;
use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::net::TcpStream;

pub(crate) struct Client {
    address: String,
    stream: BufReader<TcpStream>,
}

/// Status and body of an answer.
pub(crate) type Answered = (u16, Value);

impl Client {
    pub(crate) async fn of(endpoint: &str) -> std::io::Result<Self> {
        let address = endpoint.trim_start_matches("http://").to_owned();
        let stream = BufReader::new(TcpStream::connect(&address).await?);
        Ok(Self { address, stream })
    }

    /// Calls an operation in AWS JSON 1.1.
    pub(crate) async fn call(&mut self, operation: &str, input: &Value) -> std::io::Result<Answered> {
        let input = input.to_string();
        self.send(operation, input.len(), input.as_bytes()).await?;
        self.answer().await
    }

    /// Sends a request whose head promises `length` bytes.
    pub(crate) async fn send(&mut self, operation: &str, length: usize, body: &[u8]) -> std::io::Result<()> {
        let head = format!(
            "POST / HTTP/1.1\r\nhost: {}\r\ncontent-type: application/x-amz-json-1.1\r\n\
             x-amz-target: StarlingDoveService.{operation}\r\ncontent-length: {length}\r\n\r\n",
            self.address
        );
        self.stream.write_all(head.as_bytes()).await?;
        self.stream.write_all(body).await
    }

    pub(crate) async fn answer(&mut self) -> std::io::Result<Answered> {
        let unexpected = || std::io::Error::from(std::io::ErrorKind::InvalidData);
        let status = self.line().await?;
        let status =
            status.split(' ').nth(1).and_then(|status| status.parse().ok()).ok_or_else(unexpected)?;
        let mut length = 0;
        loop {
            let line = self.line().await?;
            if line.is_empty() {
                break;
            }
            if let Some(value) = line.strip_prefix("content-length: ") {
                length = value.parse().map_err(|_| unexpected())?;
            }
        }
        let mut body = vec![0; length];
        self.stream.read_exact(&mut body).await?;
        Ok((status, serde_json::from_slice(&body)?))
    }

    async fn line(&mut self) -> std::io::Result<String> {
        let mut line = String::new();
        if self.stream.read_line(&mut line).await? == 0 {
            return Err(std::io::ErrorKind::UnexpectedEof.into());
        }
        Ok(line.trim_end().to_owned())
    }
}
