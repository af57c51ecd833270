//! The server behind real proxies, each with its file of `server/deploy/`, and with files that leave out what operators often
//! forget: one program, which `cargo xtask test` runs with the proxies that it has found or installed.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on is to fail there")]

mod checks;
mod http;
mod programs;

use programs::{Proxied, TRUSTS_PROXY, deploy_file};

/// The addresses in the files of `server/deploy/`.
const SERVER: &str = "127.0.0.1:8080";
const HOST: &str = "play.example";

/// `nginx.conf` with what Debian's main file has around it.
fn around_nginx(file: &str, folder: &str) -> String {
    let temporary: String = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"]
        .iter()
        .map(|name| format!("{name}_temp_path {folder}/{name};\n"))
        .collect();
    format!(
        "daemon off;\npid {folder}/pid;\nerror_log stderr;\nevents {{}}\n\
         http {{\naccess_log off;\ntypes {{ text/html html; }}\n{temporary}{file}\n}}\n"
    )
}

fn nginx(file: &str, flags: &[&str]) -> Proxied {
    Proxied::start("EMBERDRIFT_NGINX", flags, |port, server, folder| {
        let file = file.replace("listen 80;", &format!("listen 127.0.0.1:{port};")).replace(SERVER, server);
        let path = folder.join("nginx.conf");
        std::fs::write(&path, around_nginx(&file, &folder.display().to_string())).unwrap();
        vec!["-e".into(), "stderr".into(), "-p".into(), folder.into(), "-c".into(), path.into()]
    })
}

#[tokio::test]
async fn nginx_with_its_file() {
    let proxied = nginx(&deploy_file("nginx.conf"), &TRUSTS_PROXY);
    checks::all(&proxied).await;
}

/// Without any of the lines that WebSockets need: nginx speaks HTTP/1.0 to the server, which newer versions do only if told.
#[tokio::test]
async fn bare_nginx_serves_page_and_feed_and_the_refused_websocket_learns_why() {
    let proxied = nginx(&nginx_file("proxy_http_version 1.0;"), &TRUSTS_PROXY);
    checks::page_and_its_resources(&proxied).await;
    checks::feed_arrives_document_by_document(&proxied).await;
    // What speaks HTTP/1.0 has no upgrade to forward.
    checks::lost_upgrade_is_explained(&proxied, 426).await;
}

#[tokio::test]
async fn haproxy_with_its_file() {
    let proxied = Proxied::start("EMBERDRIFT_HAPROXY", &TRUSTS_PROXY, |port, server, folder| {
        let statistics = format!("global\n    stats socket {}/stats\n", folder.display());
        let file = deploy_file("haproxy.cfg")
            .replacen("global\n", &statistics, 1)
            .replace("bind :80", &format!("bind 127.0.0.1:{port}"))
            .replace(SERVER, server);
        let path = folder.join("haproxy.cfg");
        std::fs::write(&path, file).unwrap();
        vec!["-db".into(), "-f".into(), path.into()]
    });
    checks::all(&proxied).await;
    checks::haproxy_finds_the_server_healthy(&proxied).await;
}

#[tokio::test]
async fn caddy_with_its_file() {
    let proxied = Proxied::start("EMBERDRIFT_CADDY", &TRUSTS_PROXY, |port, server, folder| {
        let file = deploy_file("Caddyfile")
            .replace("\nplay.example {", &format!("\nhttp://127.0.0.1:{port} {{"))
            .replace(SERVER, server);
        let path = folder.join("Caddyfile");
        std::fs::write(&path, format!("{{\n\tadmin off\n}}\n{file}")).unwrap();
        vec!["run".into(), "--adapter".into(), "caddyfile".into(), "--config".into(), path.into()]
    });
    checks::all(&proxied).await;
}

fn apache(file: &str, flags: &[&str]) -> Proxied {
    let modules = ["mpm_event", "authz_core", "alias", "proxy", "proxy_http"];
    Proxied::start("EMBERDRIFT_APACHE", flags, |port, server, folder| {
        let library = std::path::Path::new("/usr/lib/apache2/modules");
        let modules: String = modules
            .iter()
            .map(|name| format!("LoadModule {name}_module {}/mod_{name}.so\n", library.display()))
            .collect();
        let file = file.replace("*:80", &format!("127.0.0.1:{port}")).replace(SERVER, server);
        let shown = folder.display();
        let whole = format!(
            "ServerRoot {shown}\nServerName {HOST}\nPidFile {shown}/pid\nErrorLog /dev/stderr\n\
             DefaultRuntimeDir {shown}\nUser #65534\nGroup #65534\nListen 127.0.0.1:{port}\n{modules}{file}"
        );
        let path = folder.join("apache.conf");
        std::fs::write(&path, whole).unwrap();
        vec!["-D".into(), "FOREGROUND".into(), "-f".into(), path.into()]
    })
}

#[tokio::test]
async fn apache_with_its_file() {
    let proxied = apache(&deploy_file("apache.conf"), &TRUSTS_PROXY);
    checks::all(&proxied).await;
}

/// Where players open the page that the following proxies serve. The port is not the scheme's own, nor the server's.
const PUBLIC_HOST: &str = "play.example:8088";

/// What nginx's manual says of WebSockets, and nothing else.
const WEBSOCKET_LINES: &str = "proxy_http_version 1.1; proxy_set_header Upgrade $http_upgrade; \
     proxy_set_header Connection \"upgrade\";";

/// A file whose server passes `/game/` on with these lines.
fn nginx_file(lines: &str) -> String {
    format!("server {{ listen 80; location /game/ {{ proxy_pass http://{SERVER}/; {lines} }} }}")
}

/// A proxy that does not tell the server the host of the page: with the page's address, or with its origin allowed, the game runs
/// nevertheless. Without, all is said that an operator needs.
async fn works_once_the_server_knows_the_page(proxy: impl Fn(&[&str]) -> Proxied) {
    let page = format!("http://{PUBLIC_HOST}");
    for flags in [["--public-url", &format!("{page}/game")], ["--allow-origin", &page]] {
        checks::game(&proxy(&flags), PUBLIC_HOST).await;
    }
    checks::lost_host_is_explained(&proxy(&[]), PUBLIC_HOST).await;
}

#[tokio::test]
async fn nginx_with_the_lines_of_its_manual_alone() {
    works_once_the_server_knows_the_page(|flags| nginx(&nginx_file(WEBSOCKET_LINES), flags)).await;
}

#[tokio::test]
async fn nginx_whose_host_lacks_the_port() {
    let file = nginx_file(&format!("{WEBSOCKET_LINES} proxy_set_header Host $host;"));
    works_once_the_server_knows_the_page(|flags| nginx(&file, flags)).await;
}

#[tokio::test]
async fn apache_without_proxy_preserve_host() {
    let file = deploy_file("apache.conf").replace("ProxyPreserveHost On", "");
    works_once_the_server_knows_the_page(|flags| apache(&file, flags)).await;
    // Apache tells the host by X-Forwarded-Host, which counts if it is trusted.
    checks::game(&apache(&file, &TRUSTS_PROXY), PUBLIC_HOST).await;
}

#[tokio::test]
async fn apache_that_does_not_forward_the_upgrade() {
    let file = deploy_file("apache.conf").replace("upgrade=websocket", "");
    checks::lost_upgrade_is_explained(&apache(&file, &TRUSTS_PROXY), 204).await;
}
