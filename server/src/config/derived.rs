//! What follows from the flags together. Each value is checked when it is read; here are the rules about several of them.

use shared::engine::limits::PLAYERS_MAX;

use super::{ArenaChoice, Config, ConfigError};
use crate::engine::{
    cluster::{ClusterOptions, NodeName},
    net::{Access, TlsSource, TrustedProxies},
    records::Place,
    sessions::Seats,
    simulation_threads::default_threads,
};

impl Config {
    /// The number of bodies that bots fill this arena up to: by flag, or else `default`. An error if it leaves too
    /// little room for the players.
    pub fn bots_of(&self, arena: &ArenaChoice, default: u16) -> Result<u16, ConfigError> {
        let bots = arena.bots.or(self.bots).unwrap_or(default);
        let players = self.max_players;
        if usize::from(players) + usize::from(bots) > PLAYERS_MAX {
            return Err(ConfigError::TooManyPlayers { players, bots, arena: arena.name_or_path.clone() });
        }
        Ok(bots)
    }

    /// The seats of each arena.
    pub fn seats(&self) -> Seats {
        let players = usize::from(self.max_players);
        let default = Seats::new(players);
        Seats {
            players,
            spectators: self.max_spectators.map_or(default.spectators, usize::from),
            per_network: self.max_per_network.map_or(default.per_network, usize::from),
        }
    }

    /// Where records are kept; `None` for none.
    pub fn records(&self) -> Result<Option<Place>, ConfigError> {
        match (self.data.clone(), self.database.clone()) {
            (Some(_), Some(_)) => Err(ConfigError::TwoPlaces),
            (None, None) if self.retention.is_some() => Err(ConfigError::NothingToRetain),
            (data, database) => Ok(data.map(Place::Directory).or(database.map(Place::Database))),
        }
    }

    /// The node of a cluster; `None` without one.
    pub fn node(&self) -> Result<Option<ClusterOptions>, ConfigError> {
        if self.cluster.is_empty() {
            let is_about_nothing = self.node.is_some() || self.region.is_some();
            return if is_about_nothing { Err(ConfigError::NoCluster) } else { Ok(None) };
        }
        if self.takeover.is_some() {
            return Err(ConfigError::ClusterAndTakeover);
        }
        let host = rustix::system::uname().nodename().to_string_lossy().into_owned();
        Ok(Some(ClusterOptions {
            servers: self.cluster.clone(),
            node: self.node.clone().unwrap_or_else(|| NodeName::of_host(&host, rand::random())),
            region: self.region.clone(),
            url: self.public_url.first().cloned(),
        }))
    }

    /// Threads that tick the arenas.
    pub fn simulation_threads(&self) -> usize {
        self.simulation_threads.map_or_else(default_threads, usize::from)
    }

    /// How browsers reach the server.
    pub fn access(&self) -> Access {
        let proxies = TrustedProxies::new(self.trusted_proxy.iter().cloned());
        Access::new(self.public_url.clone(), &self.allow_origin, proxies).embedded_by(&self.embed_origin)
    }

    /// Where the server's certificate comes from; `None` without TLS.
    pub fn tls(&self) -> Result<Option<TlsSource>, ConfigError> {
        match (&self.tls_cert, &self.tls_key, self.tls_self_signed) {
            (None, None, false) => Ok(None),
            (Some(certificate), Some(key), false) => {
                Ok(Some(TlsSource::Files { certificate: certificate.clone(), key: key.clone() }))
            }
            (None, None, true) => {
                let mut names = vec!["localhost".to_owned(), "127.0.0.1".to_owned(), "::1".to_owned()];
                if !self.listen.ip().is_unspecified() && !self.listen.ip().is_loopback() {
                    names.push(self.listen.ip().to_string());
                }
                Ok(Some(TlsSource::SelfSigned { names, kept_in: self.state.clone() }))
            }
            (_, _, true) => Err(ConfigError::TwoCertificates),
            _ => Err(ConfigError::HalfACertificate),
        }
    }
}
