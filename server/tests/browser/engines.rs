//! The engines that the other tests do without: each is visited as Chromium is.

use crate::{engine::Engine, play::visit};

#[tokio::test]
async fn a_visitor_plays_in_firefox() {
    visit(Engine::Firefox).await;
}

#[tokio::test]
async fn a_visitor_plays_in_webkit() {
    visit(Engine::WebKit).await;
}
