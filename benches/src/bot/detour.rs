//! Which way bots take to the server: straight, or by a link of their own making. It must not know what they do there.

use std::convert::Infallible;

use tokio::{net::TcpStream, task::JoinSet};

use super::{Address, Plan};
use crate::link::Proxy;

/// The way to the server. What is made for it is gone when this is dropped.
#[derive(Debug)]
pub(super) struct Detour {
    /// Where bots connect.
    pub(super) address: Address,
    _link: JoinSet<Infallible>,
}

impl Detour {
    /// Opens the way that the plan asks for; or says why it cannot be had.
    pub(super) async fn open(plan: &Plan) -> Result<Self, String> {
        let mut tasks = JoinSet::new();
        let Some(link) = plan.link else {
            return Ok(Self { address: plan.address.clone(), _link: tasks });
        };
        let Address { authority, path } = &plan.address;
        // A link only breaks the connections of those who come for a server that is not there; this says why.
        TcpStream::connect(authority).await.map_err(|error| plan.address.refusal(&error))?;
        let proxy = Proxy::bind(([127, 0, 0, 1], 0).into(), authority, link).await;
        let proxy = proxy.map_err(|error| error.to_string())?;
        let address = Address { authority: proxy.address().to_string(), path: path.clone() };
        // Bots whose connection is broken say so themselves.
        tasks.spawn(proxy.run(drop));
        Ok(Self { address, _link: tasks })
    }
}
