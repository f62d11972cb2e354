//! How a program is told to stop.

use anyhow::Context;

/// Ctrl-C, and where there are such signals, SIGTERM, with which service managers end a program.
#[derive(Debug)]
pub(crate) struct Signals {
    #[cfg(unix)]
    interrupted: tokio::signal::unix::Signal,
    #[cfg(unix)]
    terminated: tokio::signal::unix::Signal,
}

impl Signals {
    /// From now on, signals wait to be asked for instead of ending the program.
    #[cfg(unix)]
    pub(crate) fn listen() -> anyhow::Result<Self> {
        use tokio::signal::unix::{SignalKind, signal};
        let listen = |kind| signal(kind).context("cannot wait for signals");
        Ok(Self {
            interrupted: listen(SignalKind::interrupt())?,
            terminated: listen(SignalKind::terminate())?,
        })
    }

    #[cfg(not(unix))]
    pub(crate) fn listen() -> anyhow::Result<Self> {
        Ok(Self {})
    }

    /// Waits for the next one, and names it.
    #[cfg(unix)]
    pub(crate) async fn next(&mut self) -> anyhow::Result<&'static str> {
        tokio::select! {
            _ = self.interrupted.recv() => Ok("Ctrl-C"),
            _ = self.terminated.recv() => Ok("SIGTERM"),
        }
    }

    #[cfg(not(unix))]
    pub(crate) async fn next(&mut self) -> anyhow::Result<&'static str> {
        tokio::signal::ctrl_c().await.context("cannot wait for signals")?;
        Ok("Ctrl-C")
    }
}
