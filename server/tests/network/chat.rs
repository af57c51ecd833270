//! Chat through real sockets.

use serde_json::{Value, json};

use crate::{
    rig::{Client, server},
    text::TextClient,
};

async fn join(server: &server::run::Running, name: &str) -> (TextClient, Value) {
    TextClient::join(server, &json!({ "name": name })).await
}

#[tokio::test]
async fn lines_reach_all_in_one_order_and_new_clients_get_the_history() {
    let server = server().await;
    let (mut ada, welcome) = join(&server, "Ada").await;
    let (mut bo, _) = join(&server, "Bo").await;
    for text in ["one", "\u{202e}two\u{3164}", "cafe\u{301}"] {
        ada.send(&json!({ "Chat": text })).await;
    }
    for client in [&mut ada, &mut bo] {
        let mut heard = Vec::new();
        while heard.len() < 3 {
            let frame = client.frame().await;
            heard.extend(
                frame["notices"].as_array().unwrap().iter().filter_map(|notice| notice.get("Chat")).cloned(),
            );
        }
        let texts: Vec<_> = heard.iter().map(|line| line["text"].as_str().unwrap()).collect();
        assert_eq!(texts, ["one", "two", "café"]);
        assert!(heard.iter().zip(1..).all(|(line, number)| line["number"] == number));
        assert!(heard.iter().all(|line| line["name"] == "Ada" && line["from"] == welcome["player"]));
        // After 2020, before 2100.
        assert!((1_577_836_800_000..4_102_444_800_000).contains(&heard[0]["time_ms"].as_u64().unwrap()));
    }
    let (mut late, _) = join(&server, "Late").await;
    let history = late.notice("ChatHistory").await;
    assert_eq!(history.as_array().unwrap().len(), 3);
    server.stop().await;
}

#[tokio::test]
async fn whisper_reaches_sender_and_recipient_only() {
    let server = server().await;
    let (mut ada, _) = join(&server, "Ada").await;
    let (mut bo, _) = join(&server, "Bo Peep").await;
    let (mut eve, _) = Client::join(&server, "Eve").await;
    ada.send(&json!({ "Chat": "/w bo peep psst" })).await;
    for client in [&mut ada, &mut bo] {
        let whisper = client.notice("Whisper").await;
        assert_eq!((&whisper["from_name"], &whisper["to_name"]), (&json!("Ada"), &json!("Bo Peep")));
        assert_eq!(whisper["text"], "psst");
    }
    bo.send(&json!({ "Chat": "the end" })).await;
    loop {
        use shared::game::protocol::Notice;
        let frame = eve.frame().await;
        assert!(!frame.notices.iter().any(|notice| matches!(notice, Notice::Whisper(_))));
        if frame.notices.iter().any(|notice| matches!(notice, Notice::Chat(_))) {
            break;
        }
    }
    server.stop().await;
}

#[tokio::test]
async fn rejection_is_sent_to_the_author_only() {
    let server = server().await;
    for (line, refusal) in [
        ("   ".to_owned(), json!("Empty")),
        ("x".repeat(121), json!("TooLong")),
        ("\u{3164}\u{2800}".to_owned(), json!("Empty")),
        ("a\u{7}b".to_owned(), json!("InvalidCharacters")),
        ("/w Zoe hi".to_owned(), json!("NoSuchPlayer")),
        ("/shout".to_owned(), json!("UnknownCommand")),
    ] {
        let (mut ada, _) = join(&server, "Ada").await;
        ada.send(&json!({ "Chat": line })).await;
        assert_eq!(ada.notice("ChatRejected").await, refusal, "{line:?}");
    }
    let (mut ada, _) = join(&server, "Ada").await;
    for _ in 0..5 {
        ada.send(&json!({ "Chat": "spam" })).await;
    }
    assert_eq!(ada.notice("ChatRejected").await, "RateLimited");
    server.stop().await;
}

/// The names that players of these requested names get, in the order in which they join.
async fn names(requested: &[&str]) -> Vec<String> {
    let server = server().await;
    let (mut clients, mut names) = (Vec::new(), Vec::new());
    for name in requested {
        let (mut client, welcome) = join(&server, name).await;
        let roster = client.notice("Roster").await;
        let is_own = |pilot: &&Value| pilot["id"] == welcome["player"];
        names.push(
            roster.as_array().unwrap().iter().find(is_own).unwrap()["name"].as_str().unwrap().to_owned(),
        );
        clients.push(client);
    }
    server.stop().await;
    names
}

#[tokio::test]
async fn names_that_show_nothing_are_replaced_and_those_that_look_alike_numbered() {
    let names = names(&["Ada", "\u{410}da", "A\u{34F}da", "\u{3164}", "\u{2800}", "ADA"]).await;
    let [ada, cyrillic, third, assigned @ .., capitals] = names.as_slice() else { panic!("{names:?}") };
    assert_eq!((ada.as_str(), cyrillic.as_str()), ("Ada", "\u{410}da 2"));
    assert_eq!((third.as_str(), capitals.as_str()), ("Ada 3", "ADA 4"));
    assert!(assigned.iter().all(|name| name.starts_with("Pilot ")), "{assigned:?}");
}
