//! The server on a real socket.

use std::time::Duration;

use axum::http::StatusCode;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
    sync::oneshot,
};

use crate::support::{Fixture, Program};

#[tokio::test]
async fn it_answers_and_ends_although_a_stream_is_open() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let fixture = Fixture::with(address, Program::default(), None);
    let (stop, stopped) = oneshot::channel::<()>();
    let shutdown = async move { drop(stopped.await) };
    let server = tokio::spawn(tapmap_web::serve(listener, fixture.app.clone(), shutdown));

    let mut connection = TcpStream::connect(address).await.unwrap();
    let request = format!("GET /api/v1/stream HTTP/1.1\r\nHost: {address}\r\n\r\n");
    connection.write_all(request.as_bytes()).await.unwrap();
    let mut answer = vec![0; 4096];
    let mut read = 0;
    while !String::from_utf8_lossy(&answer[..read]).contains("event: hello") {
        read += connection.read(&mut answer[read..]).await.unwrap();
    }
    assert!(answer.starts_with(format!("HTTP/1.1 {}", StatusCode::OK.as_u16()).as_bytes()));

    stop.send(()).unwrap();
    let ended = tokio::time::timeout(Duration::from_secs(10), server).await;
    ended.expect("the server ends").unwrap().unwrap();
}
