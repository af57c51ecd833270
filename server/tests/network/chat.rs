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
    for text in ["one", "two", "cafe\u{301}"] {
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
        ("a\u{202e}b".to_owned(), json!("InvalidCharacters")),
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
