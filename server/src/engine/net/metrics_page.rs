//! The page of `/metrics`. It is made at most ten times a second, however often it is asked for, and never on a network thread,
//! because some of its figures are read from files.

use std::{sync::Arc, time::Duration};

use axum::body::Bytes;
use tokio::{sync::Mutex, task::spawn_blocking, time::Instant};

/// How old a page may be.
const AGE_MAX: Duration = Duration::from_millis(100);

/// The newest page. While one is made, also for a client that has left meanwhile, further requests wait for it without holding a
/// thread.
#[derive(Debug, Default)]
pub(super) struct MetricsPage(Arc<Mutex<Option<(Instant, Bytes)>>>);

impl MetricsPage {
    /// The page, as `make` makes it now or made it a moment ago; `None` if that panicked.
    pub(super) async fn get(&self, make: impl FnOnce() -> String + Send + 'static) -> Option<Bytes> {
        let mut newest = Arc::clone(&self.0).lock_owned().await;
        if let Some((made_at, page)) = &*newest
            && made_at.elapsed() < AGE_MAX
        {
            return Some(page.clone());
        }
        let make = move || {
            let page = Bytes::from(make());
            *newest = Some((Instant::now(), page.clone()));
            page
        };
        spawn_blocking(make).await.ok()
    }
}

#[cfg(test)]
mod tests {
    use std::sync::{
        Arc,
        atomic::{AtomicU32, Ordering},
    };

    use futures_util::FutureExt;
    use tokio::time::advance;

    use super::*;

    #[tokio::test(start_paused = true)]
    async fn many_requests_make_one_page_and_later_ones_a_new_one() {
        let (page, made) = (Arc::new(MetricsPage::default()), Arc::new(AtomicU32::new(0)));
        let get = || {
            let (page, made) = (Arc::clone(&page), Arc::clone(&made));
            async move {
                let make = move || made.fetch_add(1, Ordering::Relaxed).to_string();
                page.get(make).await.expect("no panic")
            }
        };
        let all: Vec<_> = (0..50).map(|_| tokio::spawn(get())).collect();
        for one in all {
            assert_eq!(one.await.expect("no panic"), "0");
        }
        advance(AGE_MAX - Duration::from_millis(1)).await;
        assert_eq!(get().await, "0");
        advance(Duration::from_millis(1)).await;
        // A client that leaves at once has the next page made for the others.
        let _ = get().now_or_never();
        assert_eq!(get().await, "1");
    }
}
