//! Tests of the whole: what is written twice agrees, real function binaries run under the local AWS Config, and clients
//! that nobody here wrote get the answers that they expect.

mod drift;
mod purity;
mod workspace;
