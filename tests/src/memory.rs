//! Memory use of a process, as Linux reports it.
use std::fs;

/// Returns the process's resident memory, in bytes.
#[must_use]
pub fn resident_bytes(process: u32) -> usize {
    status(process, "VmRSS:")
}

/// Returns the process's resident memory without mapped files, such as its program, in bytes.
#[must_use]
pub fn anonymous_bytes(process: u32) -> usize {
    status(process, "RssAnon:")
}

/// Returns the peak resident memory since [`reset_peak`], or since the process began if the kernel
/// cannot reset it, in bytes.
#[must_use]
pub fn peak_bytes(process: u32) -> usize {
    status(process, "VmHWM:")
}

/// Resets the peak to the current resident memory.
pub fn reset_peak(process: u32) {
    // If this is not permitted, the peak since the start counts, which is stricter.
    let _ = fs::write(format!("/proc/{process}/clear_refs"), "5");
}

fn status(process: u32, name: &str) -> usize {
    let status = fs::read_to_string(format!("/proc/{process}/status")).expect("Linux");
    let line = status.lines().find_map(|line| line.strip_prefix(name)).expect(name);
    let kibibytes = line.trim().trim_end_matches("kB").trim().parse::<usize>().expect("a number");
    kibibytes * 1024
}
