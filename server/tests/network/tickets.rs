//! A server that admits players with a ticket of its operator's login system only.

use server::{engine::join_ticket::JoinKey, run::Running};
use shared::{
    engine::protocol::{CloseReason, Hello, Role},
    game::{
        Emberdrift,
        protocol::{ClientMessage, Notice},
    },
};

use crate::rig::{Client, eventually, server_with};

const KEY: &[u8] = b"the key that both servers have, 1";
/// Made by `server/examples/python/ticket.py` with this key: Ada, until the year 2286.
const ADA: &str = "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.eyJuYW1lIjogIkFkYSIsICJleHAiOiAxMDAwMDAwMDAwMH0.x14LX9RPLDcjp7rvXh2gLOyC0aDjiVmPX_ufzGcVNA0";
/// The same, but it expired in 2001.
const EXPIRED: &str = "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.eyJuYW1lIjogIkFkYSIsICJleHAiOiAxMDAwMDAwMDAwfQ.6ZVHDXLSgdsnd8g1ht42Ncl8Q8OUbKsq7tmwg7N_0NI";

async fn server() -> Running {
    server_with(|options| options.join_key = JoinKey::new(KEY)).await
}

fn hello(ticket: Option<&str>) -> Hello {
    Hello { name: "Eve".into(), ticket: ticket.map(str::to_owned), ..Hello::of::<Emberdrift>() }
}

async fn rejected(server: &Running, hello: Hello) -> String {
    let mut client = Client::connect(server).await;
    client.send(&ClientMessage::Hello(hello)).await;
    let (code, text) = client.closed().await;
    assert_eq!(CloseReason::from_code(code), Some(CloseReason::TicketRejected), "{text}");
    text.to_string()
}

#[tokio::test]
async fn player_without_a_valid_ticket_is_told_why_it_is_turned_away() {
    let server = server().await;
    let (start, end) = ADA.split_at(ADA.len() - 5);
    let forged = format!("{start}AAAAA");
    assert_ne!(end, "AAAAA");
    for (ticket, why) in [
        (None, "ticket only"),
        (Some(EXPIRED), "expired"),
        (Some(forged.as_str()), "key"),
        (Some("Ada"), "HS256"),
        (Some(""), "HS256"),
    ] {
        let text = rejected(&server, hello(ticket)).await;
        assert!(text.contains(why), "{ticket:?}: {text}");
    }
    server.stop().await;
}

#[tokio::test]
async fn ticket_names_the_player_who_then_resumes_without_one() {
    let server = server().await;
    let mut client = Client::connect(&server).await;
    client.send(&ClientMessage::Hello(hello(Some(ADA)))).await;
    let first = client.welcome().await;
    drop(client);
    eventually("the disconnect", || server.telemetry().players_reconnecting.get() == 1).await;
    let mut client = Client::connect(&server).await;
    client.send(&ClientMessage::Hello(Hello { resume: first.resume, ..hello(Some(EXPIRED)) })).await;
    let second = client.welcome().await;
    assert_eq!((second.player, second.is_resumed), (first.player, true));
    let roster = client.frame().await.notices.into_iter().find_map(|notice| match notice {
        Notice::Roster(pilots) => Some(pilots),
        _ => None,
    });
    let own = roster.expect("it comes first").into_iter().find(|pilot| Some(pilot.id) == first.player);
    assert_eq!(own.expect("it is in it").name.as_str(), "Ada");
    // A token of a session that is over admits no more than none does.
    client.socket.close(None).await.unwrap();
    eventually("the end of the session", || server.telemetry().player_seats_taken.get() == 0).await;
    let mut other = Client::connect(&server).await;
    other.send(&ClientMessage::Hello(Hello { resume: second.resume, ..hello(None) })).await;
    other.expect_close(CloseReason::TicketRejected).await;
    server.stop().await;
}

#[tokio::test]
async fn spectator_needs_no_ticket() {
    let server = server().await;
    let mut client = Client::connect(&server).await;
    client.send(&ClientMessage::Hello(Hello { role: Role::Spectator, ..hello(None) })).await;
    assert_eq!(client.welcome().await.player, None);
    server.stop().await;
}
