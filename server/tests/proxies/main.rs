//! The server behind real proxies, each with its file of `server/deploy/`: one program, which `cargo xtask test` runs with the
//! proxies that it has found or installed.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on is to fail there")]

mod checks;
mod http;
mod programs;

use programs::{Proxied, deploy_file};

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

fn nginx(file: &str) -> Proxied {
    Proxied::start("EMBERDRIFT_NGINX", |port, server, folder| {
        let file = file.replace("listen 80;", &format!("listen 127.0.0.1:{port};")).replace(SERVER, server);
        let path = folder.join("nginx.conf");
        std::fs::write(&path, around_nginx(&file, &folder.display().to_string())).unwrap();
        vec!["-e".into(), "stderr".into(), "-p".into(), folder.into(), "-c".into(), path.into()]
    })
}

#[tokio::test]
async fn nginx_with_its_file() {
    let proxied = nginx(&deploy_file("nginx.conf"));
    checks::all(&proxied).await;
}

/// Without any of the lines that WebSockets need.
#[tokio::test]
async fn bare_nginx_serves_page_and_feed_and_the_refused_websocket_learns_why() {
    let proxied =
        nginx(&format!("server {{ listen 80; location /game/ {{ proxy_pass http://{SERVER}/; }} }}"));
    checks::page_and_its_resources(&proxied).await;
    checks::feed_arrives_document_by_document(&proxied).await;
    checks::lost_upgrade_is_explained(&proxied).await;
}

#[tokio::test]
async fn haproxy_with_its_file() {
    let proxied = Proxied::start("EMBERDRIFT_HAPROXY", |port, server, folder| {
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
    let proxied = Proxied::start("EMBERDRIFT_CADDY", |port, server, folder| {
        let file = deploy_file("Caddyfile")
            .replace("\nplay.example {", &format!("\nhttp://127.0.0.1:{port} {{"))
            .replace(SERVER, server);
        let path = folder.join("Caddyfile");
        std::fs::write(&path, format!("{{\n\tadmin off\n}}\n{file}")).unwrap();
        vec!["run".into(), "--adapter".into(), "caddyfile".into(), "--config".into(), path.into()]
    });
    checks::all(&proxied).await;
}

#[tokio::test]
async fn apache_with_its_file() {
    let modules = ["mpm_event", "authz_core", "alias", "proxy", "proxy_http"];
    let proxied = Proxied::start("EMBERDRIFT_APACHE", |port, server, folder| {
        let library = std::path::Path::new("/usr/lib/apache2/modules");
        let modules: String = modules
            .iter()
            .map(|name| format!("LoadModule {name}_module {}/mod_{name}.so\n", library.display()))
            .collect();
        let file =
            deploy_file("apache.conf").replace("*:80", &format!("127.0.0.1:{port}")).replace(SERVER, server);
        let shown = folder.display();
        let whole = format!(
            "ServerRoot {shown}\nServerName {HOST}\nPidFile {shown}/pid\nErrorLog /dev/stderr\n\
             DefaultRuntimeDir {shown}\nUser #65534\nGroup #65534\nListen 127.0.0.1:{port}\n{modules}{file}"
        );
        let path = folder.join("apache.conf");
        std::fs::write(&path, whole).unwrap();
        vec!["-D".into(), "FOREGROUND".into(), "-f".into(), path.into()]
    });
    checks::all(&proxied).await;
}
