//! Play with friends: one visitor makes a room, and a friend who opens its link plays in the same world.

use fantoccini::Locator;

use crate::{
    driver::{Engine, Screen},
    page::Page,
    processes::serve,
};

/// Presses `first`, and Play as soon as the visitor is in a room. Returns how long it took until the ship flew, in milliseconds.
const FLY_WITH_FRIENDS: &str = r#"
    const [first, done] = arguments, began = performance.now();
    document.getElementById(first)?.click();
    let has_pressed = false;
    const look = () => {
        const status = window.emberdrift;
        if (!has_pressed && !document.getElementById("room").hidden && status?.arena) {
            has_pressed = true;
            document.getElementById("play").click();
        }
        if (status?.phase === "playing") return done(performance.now() - began);
        setTimeout(look, 5);
    };
    look();
"#;

/// Opens a link in a new window, and presses Play as soon as the visitor is in the room. Returns how long both took, in milliseconds, without
/// the time that the driver takes.
const FLY_BY_LINK: &str = r#"
    const [link, done] = arguments, began = performance.now();
    const friend = open(link, "friend", "popup,width=1280,height=800");
    let pressed = 0;
    const look = () => {
        const status = friend.emberdrift;
        if (!pressed && friend.document.getElementById("room")?.hidden === false && status?.arena) {
            pressed = performance.now() - began;
            friend.document.getElementById("play").click();
        }
        if (status?.phase === "playing") return done([pressed, performance.now() - began]);
        setTimeout(look, 5);
    };
    look();
"#;

const QR_IS_DRAWN: &str =
    "const qr = document.getElementById('room-qr'); return qr.complete && qr.naturalWidth > 0";

async fn ms_to_flying(page: &Page, first: &str) -> f64 {
    let ms = page.browser.execute_async(FLY_WITH_FRIENDS, vec![first.into()]).await.expect("the ship flies");
    ms.as_f64().expect("a number")
}

async fn press(page: &Page, id: &str) {
    let button = page.browser.wait().for_element(Locator::Css(&format!("#{id}:not([hidden])"))).await;
    button.expect("the button is there").click().await.expect("it is pressed");
}

async fn text(page: &Page, id: &str) -> String {
    page.run(&format!("return document.getElementById('{id}').textContent"))
        .await
        .as_str()
        .unwrap_or("")
        .to_owned()
}

#[tokio::test]
async fn friends_play_in_a_room_by_its_link() {
    // No drones in the room: they shoot down a ship that stands still, and the leaderboard lists those that fly.
    let (_server, address) = serve(&["--seed", "7", "--arena", "drift:20,duel:0"]);
    let host = Page::open(Engine::Chromium, Screen::Desktop, &format!("http://{address}/")).await;
    host.wait_for("the start card", |status| status["phase"] == "start").await;
    host.browser
        .wait()
        .for_element(Locator::Css("#arenas input[value=duel]"))
        .await
        .expect("the card lists it")
        .click()
        .await
        .expect("it is chosen");
    press(&host, "friends").await;
    host.wait_until(
        "the room",
        "return /^[A-Z2-9]{6}$/.test(document.getElementById('room-code').textContent)",
    )
    .await;
    host.wait_until("the QR code", QR_IS_DRAWN).await;
    let code = text(&host, "room-code").await;
    let link = host.run("return document.getElementById('room-link').value").await;
    assert_eq!(link, format!("http://{address}/#room={code}"));
    host.wait_for("the room behind the card", |status| status["arena"] == "Duel").await;
    host.screenshot("room.png").await;
    host.join("Ada").await;
    host.wait_for("a ship", |status| status["phase"] == "playing" && status["position"].is_array()).await;

    // As a person might type it, with something that is not to be passed on.
    let typed = format!("http://{address}/#ticket=secret&room={}&lang=en", code.to_lowercase());
    let friend = Page::open(Engine::Chromium, Screen::Phone, &typed).await;
    friend.wait_for("the start card", |status| status["phase"] == "start").await;
    assert_eq!(friend.run("return document.getElementById('room-link').value").await, link);
    friend.wait_until("the QR code", QR_IS_DRAWN).await;
    friend.screenshot("room-phone.png").await;
    friend.join("Bo").await;
    let status = friend
        .wait_for("a ship", |status| status["phase"] == "playing" && status["position"].is_array())
        .await;
    assert_eq!(status["arena"], "Duel");
    for page in [&host, &friend] {
        page.wait_until("both names", "const names = document.getElementById('leaderboard').textContent; return names.includes('Ada') && names.includes('Bo')").await;
    }
    assert_eq!(text(&friend, "room-chip-code").await, code);
    host.screenshot("room-play.png").await;
    host.assert_no_errors().await;
    friend.assert_no_errors().await;
    friend.close().await;
    host.close().await;
}

#[tokio::test]
async fn host_rules_the_room_and_hands_it_over() {
    const KEYS: &str = "return localStorage.getItem('emberdrift.rooms') ?? ''";
    let (_server, address) = serve(&["--seed", "7", "--arena", "drift:0,duel:0"]);
    let host = Page::open(Engine::Chromium, Screen::Desktop, &format!("http://{address}/")).await;
    host.wait_for("the start card", |status| status["phase"] == "start").await;
    press(&host, "friends").await;
    host.wait_until("the room", "return !document.getElementById('room').hidden").await;
    let code = text(&host, "room-code").await;
    let link = format!("http://{address}/#room={code}");
    host.join("Ada").await;
    host.wait_for("a ship", |status| status["phase"] == "playing").await;

    let friend = Page::open(Engine::Chromium, Screen::Phone, &link).await;
    friend
        .wait_until(
            "who is there",
            "return document.getElementById('room-people').textContent.includes('Ada')",
        )
        .await;
    assert_eq!(friend.run("return document.getElementById('room-host').hidden").await, true);
    friend.screenshot("room-lobby-phone.png").await;
    friend.join("Bo").await;
    friend.wait_for("a ship", |status| status["phase"] == "playing").await;

    press(&host, "room-chip").await;
    host.wait_until(
        "the player",
        "return document.getElementById('host-players').textContent.includes('Bo')",
    )
    .await;
    host.wait_until("the answer", "return document.getElementById('host-chat').checked").await;
    host.screenshot("host-tools.png").await;
    for (id, key) in [("host-locked", "is_locked"), ("host-public", "is_public")] {
        press(&host, id).await;
        let is_so = format!(
            "return fetch('rooms/{code}').then((answer) => answer.json()).then((room) => room.{key})"
        );
        host.wait_until(key, &is_so).await;
    }
    let duel = host.browser.find(Locator::Css("#host-arenas label:has(input[value=duel])")).await;
    duel.expect("the arena").click().await.expect("it is chosen");
    for page in [&host, &friend] {
        page.wait_for("the other arena", |status| status["phase"] == "playing" && status["arena"] == "Duel")
            .await;
    }
    let hand_over = host.browser.find(Locator::Css("#host-players [data-hand-over]")).await;
    hand_over.expect("the button").click().await.expect("it is pressed");
    friend
        .wait_until(
            "the key",
            &format!("return (localStorage.getItem('emberdrift.rooms') ?? '').includes('{code}')"),
        )
        .await;
    host.wait_until("the end of the host's part", "return !document.getElementById('host').open").await;
    assert_eq!(host.run(KEYS).await, "");

    press(&friend, "room-chip").await;
    friend
        .wait_until(
            "the player",
            "return document.getElementById('host-players').textContent.includes('Ada')",
        )
        .await;
    friend.screenshot("host-tools-phone.png").await;
    let remove = friend.browser.find(Locator::Css("#host-players [data-remove]")).await;
    remove.expect("the button").click().await.expect("it is pressed");
    host.wait_for("the end", |status| status["phase"] == "ended").await;
    assert!(text(&host, "banner").await.contains("removed you"));
    host.screenshot("room-removed.png").await;
    friend.assert_no_errors().await;
    friend.close().await;
    host.close().await;
}

/// Prints how long it takes. There is no limit to compare it with, because machines differ.
#[tokio::test]
async fn friends_fly_soon() {
    let (_server, address) = serve(&["--seed", "7"]);
    let host = Page::open(Engine::Chromium, Screen::Desktop, &format!("http://{address}/")).await;
    host.wait_for("the start card", |status| status["phase"] == "start").await;
    println!("from \"Play with friends\" to flying: {:.0} ms", ms_to_flying(&host, "friends").await);
    let link = host.run("return location.href").await;
    host.close().await;
    // A page of the same site that has nothing to do.
    let site = format!("http://{address}/arenas");
    let friend = Page::open(Engine::Chromium, Screen::Desktop, &site).await;
    let times = friend.browser.execute_async(FLY_BY_LINK, vec![link]).await.expect("the ship flies");
    let ms = |at: usize| times[at].as_f64().unwrap_or(f64::NAN);
    println!("from opening the link to flying: {:.0} ms; Play could be pressed after {:.0} ms", ms(1), ms(0));
    friend.close().await;
}

#[tokio::test]
async fn link_of_a_room_that_is_gone_says_so_and_leads_on() {
    let (_server, address) = serve(&["--seed", "7"]);
    let page = Page::open(Engine::Chromium, Screen::Desktop, &format!("http://{address}/#room=ABCDEF")).await;
    page.wait_until(
        "the reason",
        "return document.getElementById('banner').textContent.includes('no longer exists')",
    )
    .await;
    page.wait_until("it on the card", "return document.getElementById('room').className === 'gone'").await;
    page.screenshot("room-gone.png").await;
    press(&page, "room-leave").await;
    page.join("Ada").await;
    page.wait_for("a ship", |status| status["phase"] == "playing" && status["arena"] == "Drift").await;
    page.close().await;
}

#[tokio::test]
async fn server_without_rooms_offers_none() {
    let (_server, address) = serve(&["--rooms", "0"]);
    let page = Page::open(Engine::Chromium, Screen::Desktop, &format!("http://{address}/")).await;
    page.wait_for("the start card", |status| status["phase"] == "start").await;
    page.wait_until(
        "no button to play with friends",
        "return getComputedStyle(document.getElementById('friends')).display === 'none'",
    )
    .await;
    page.close().await;
}
