//! The medians of all rounds, as ratios to Candor.
use std::collections::BTreeMap;

use candor_tests::timing::median_speed;

use crate::generator::{Load, Sample};
use crate::plot::Ratio;

/// The samples of one kind of request over a number of connections, by server in the order of the run.
type Samples = Vec<(String, Vec<Sample>)>;

/// The samples of a run.
#[derive(Default)]
pub struct Report {
    samples: BTreeMap<(&'static str, usize), Samples>,
    /// The speeds of Candor's statements alone, in requests per second.
    statements: BTreeMap<(&'static str, usize), Vec<f64>>,
}

impl Report {
    pub fn add(&mut self, load: &Load<'_>, connections: usize, sample: Sample) {
        let servers = self.samples.entry((load.what, connections)).or_default();
        match servers.iter_mut().find(|(name, _)| *name == load.server.name) {
            Some((_, samples)) => samples.push(sample),
            None => servers.push((load.server.name.clone(), vec![sample])),
        }
    }

    /// Adds the speed of Candor's statements alone, in requests per second.
    pub fn add_statements(&mut self, what: &'static str, connections: usize, speed: f64) {
        self.statements.entry((what, connections)).or_default().push(speed);
    }

    /// Candor's speed as a ratio to each peer.
    pub fn ratios(&self, candor: &str) -> Vec<Ratio> {
        let speed = |samples: &[Sample]| median(samples, |it| it.requests_per_second);
        let mut ratios = Vec::new();
        for ((what, connections), servers) in &self.samples {
            let Some(candors) = samples_of(candor, servers) else { continue };
            for (name, samples) in servers.iter().filter(|(name, _)| name != candor) {
                let plural = if *connections == 1 { "" } else { "s" };
                let name = format!("{what}, {connections} connection{plural}: {name}");
                ratios.push(Ratio { name, value: speed(candors) / speed(samples) });
            }
        }
        ratios
    }

    /// Prints a table, with the speed of each server as Candor's share of it, and Candor's share of its own
    /// statements.
    pub fn print(&self, candor: &str) {
        println!(
            "| request | connections | server | requests/s | p50 ms | p99 ms | CPU us: server | \
             PostgreSQL | MiB | without files | bytes | Candor's speed | Candor's p99 |"
        );
        println!("|{}", " --- |".repeat(13));
        for ((what, connections), servers) in &self.samples {
            let of_candor = samples_of(candor, servers);
            for (name, samples) in servers {
                let its = |figure: fn(&Sample) -> f64| median(samples, figure);
                let ratio = |figure: fn(&Sample) -> f64| match of_candor {
                    Some(candors) if name != candor => {
                        format!("{:.2}", median(candors, figure) / its(figure))
                    }
                    _ => String::new(),
                };
                println!(
                    "| {what} | {connections} | {name} | {:.0} | {:.2} | {:.2} | {:.0} | {:.0} | \
                     {:.0} | {:.0} | {:.0} | {} | {} |",
                    its(|it| it.requests_per_second),
                    its(|it| it.p50_milliseconds),
                    its(|it| it.p99_milliseconds),
                    its(|it| it.server_microseconds),
                    its(|it| it.postgres_microseconds),
                    its(|it| it.resident_mebibytes),
                    its(|it| it.anonymous_mebibytes),
                    its(|it| it.bytes_per_answer),
                    ratio(|it| it.requests_per_second),
                    ratio(|it| it.p99_milliseconds),
                );
            }
        }
        for ((what, connections), speeds) in &self.statements {
            let servers = &self.samples[&(*what, *connections)];
            let Some(samples) = samples_of(candor, servers) else { continue };
            let alone = median_speed(speeds.clone());
            println!(
                "{what}, {connections} connections: the statements alone {alone:.0} requests/s, \
                 Candor {:.2} of it",
                median(samples, |it| it.requests_per_second) / alone
            );
        }
    }
}

fn samples_of<'a>(server: &str, servers: &'a Samples) -> Option<&'a [Sample]> {
    servers.iter().find(|(name, _)| name == server).map(|(_, samples)| &**samples)
}

fn median(samples: &[Sample], figure: fn(&Sample) -> f64) -> f64 {
    let mut figures: Vec<f64> = samples.iter().map(figure).collect();
    figures.sort_by(f64::total_cmp);
    figures[figures.len() / 2]
}
