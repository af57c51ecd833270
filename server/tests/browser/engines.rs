//! The visit of [`crate::play`] in the engines that the other tests do not use.

use crate::{driver::Engine, play::visit};

#[tokio::test]
async fn firefox_plays() {
    visit(Engine::Firefox).await;
}

#[tokio::test]
async fn webkit_plays() {
    visit(Engine::WebKit).await;
}
