//! How much memory a process holds, as Linux counts it.
use std::fs;

/// What the process holds now, in bytes.
#[must_use]
pub fn resident_bytes(process: u32) -> usize {
    status(process, "VmRSS:")
}

/// The most that it has held since [`forget_peak`], or since it began where the kernel keeps no
/// second count, in bytes.
#[must_use]
pub fn peak_bytes(process: u32) -> usize {
    status(process, "VmHWM:")
}

/// Lets the peak begin anew at what is held now.
pub fn forget_peak(process: u32) {
    // Where this is not allowed the peak since the start counts, which is stricter.
    let _ = fs::write(format!("/proc/{process}/clear_refs"), "5");
}

fn status(process: u32, name: &str) -> usize {
    let status = fs::read_to_string(format!("/proc/{process}/status")).expect("Linux");
    let line = status.lines().find_map(|line| line.strip_prefix(name)).expect(name);
    let kibibytes = line.trim().trim_end_matches("kB").trim().parse::<usize>().expect("a number");
    kibibytes * 1024
}
