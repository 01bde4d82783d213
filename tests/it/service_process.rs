//! The service in a child process that [`candor_tests::process::ServiceProcess`] starts.
use candor_tests::process::serve_until_killed;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "a story starts it, in a process of its own"]
async fn runs_until_it_is_killed() {
    serve_until_killed().await;
}
