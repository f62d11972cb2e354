//! What can go wrong between a caller and a service.

use axum::body::Body;
use axum::http::{HeaderName, Response, StatusCode, header};

use crate::protocol::Protocol;

/// One way in which a call does not get the answer that it wants.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Fault {
    /// Too many calls, in the words of the protocol; the service asks to wait for these milliseconds or says nothing.
    Throttled {
        /// `x-amz-retry-after`.
        after_milliseconds: Option<u32>,
    },
    /// The service fails with this status and an answer that no protocol knows, as from a load balancer.
    Failing(u16),
    /// The caller's clock seems to be wrong: the service's is an hour ahead.
    Skewed,
    /// The connection is reset without an answer.
    Reset,
    /// The answer ends in the middle, and with it the connection.
    Cut,
    /// No answer, and the connection stays open.
    Silence,
    /// The call succeeds with this for a body.
    Garbled(&'static str),
}

/// What is done to a connection instead of answering.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Disruption {
    Reset,
    Silence,
}

impl Fault {
    /// The response of a service with this fault, unless it has none.
    pub(crate) fn response(&self, protocol: Protocol) -> Result<Response<Body>, Disruption> {
        match self {
            Self::Throttled { after_milliseconds } => {
                let code = match protocol {
                    Protocol::Query => "Throttling",
                    Protocol::Json | Protocol::RestJson => "ThrottlingException",
                };
                let mut response = protocol.error(StatusCode::BAD_REQUEST, code);
                if let Some(milliseconds) = after_milliseconds {
                    let name = HeaderName::from_static("x-amz-retry-after");
                    response.headers_mut().insert(name, (*milliseconds).into());
                }
                Ok(response)
            }
            Self::Failing(status) => {
                let status = StatusCode::from_u16(*status).unwrap();
                let mut response = Response::new(Body::from("<html><body>try later</body></html>"));
                *response.status_mut() = status;
                response.headers_mut().insert(header::CONTENT_TYPE, "text/html".parse().unwrap());
                Ok(response)
            }
            Self::Skewed => {
                let mut response = protocol.error(StatusCode::FORBIDDEN, "RequestTimeTooSkewed");
                response.headers_mut().insert(header::DATE, an_hour_ahead().parse().unwrap());
                Ok(response)
            }
            Self::Cut => {
                let mut response = protocol.written(StatusCode::OK, "{\"Results\":[".to_owned());
                response.headers_mut().insert(header::CONTENT_LENGTH, 1000.into());
                Ok(response)
            }
            Self::Garbled(body) => Ok(protocol.written(StatusCode::OK, (*body).to_owned())),
            Self::Reset => Err(Disruption::Reset),
            Self::Silence => Err(Disruption::Silence),
        }
    }
}

fn an_hour_ahead() -> String {
    const AN_HOUR: std::time::Duration = std::time::Duration::from_hours(1);
    httpdate::fmt_http_date(std::time::SystemTime::now() + AN_HOUR)
}
