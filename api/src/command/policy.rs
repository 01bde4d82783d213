//! `candor policy`: checks, shows and publishes policy files.
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, anyhow, bail};
use candor_schema::database::Database;
use candor_schema::gate::wording::{format_date, format_time};
use candor_schema::gate::{Policy, PolicyProblem, RuleCode, Severity};
use candor_schema::policy::service::{
    EarlierBeginning, FilePublication, PublicationError, PublicationResult, publish_file,
};
use candor_schema::user_message::UserMessage;
use chrono::{DateTime, Utc};
use clap::{Args, Subcommand};

use super::{fault_message, migrate, open_database};
use crate::config::Config;

/// Checks, shows or publishes a policy file.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  candor policy check policies/version-1.toml
  candor policy show policies/version-1.toml | less
  candor policy publish policies/version-2.toml
  candor policy publish --draft policies/version-2.toml")]
pub struct Arguments {
    #[command(subcommand)]
    action: Action,
}

#[derive(Debug, Subcommand)]
enum Action {
    /// Checks that a file may be published, without a database. Reports each error with its line.
    Check {
        /// The policy file (TOML).
        file: PathBuf,
    },
    /// Prints a policy file as text: parameters with their sources, rules and texts.
    Show {
        /// The policy file (TOML).
        file: PathBuf,
    },
    /// Publishes a file as the next version, to take effect at a later local midnight.
    ///
    /// Where the policy in force says that two people publish, an administrator has to confirm it. A
    /// first version that takes effect earlier is published by `candor serve --policy`.
    Publish {
        /// The policy file (TOML).
        file: PathBuf,
        /// Publish texts that are marked as drafts, as drafts.
        #[arg(long)]
        draft: bool,
    },
}

pub(super) async fn run(arguments: Arguments, config: &Config) -> Result<()> {
    match arguments.action {
        Action::Check { file } => {
            let policy = read(&file)?;
            println!("{}: {} may be published.", file.display(), policy.version_name());
            if let Some(mark) = policy.draft() {
                println!("Its texts are marked as a draft ({mark}): publish it with --draft.");
            }
            Ok(())
        }
        Action::Show { file } => {
            print!("{}", describe(&read(&file)?));
            Ok(())
        }
        Action::Publish { file, draft } => {
            let text = read_text(&file)?;
            let database = open_database(config).await?;
            migrate::prepare(&database).await?;
            let how =
                FilePublication { as_draft: draft, earlier_beginning: EarlierBeginning::None };
            let name = file.display().to_string();
            println!("{}", publish(&database, &name, &text, how, config.clock.now()).await?);
            database.close().await?;
            Ok(())
        }
    }
}

/// Publishes a policy file and returns what became of it, as a message for the operator.
///
/// # Errors
/// With every error in the file, or what stands against its publication.
pub async fn publish(
    database: &Database,
    file: &str,
    text: &str,
    how: FilePublication,
    now: DateTime<Utc>,
) -> Result<String> {
    match publish_file(database, text, how, now).await {
        Ok(PublicationResult::Published(published)) => {
            let verb = if published.row.effective_from <= now { "took" } else { "takes" };
            Ok(format!(
                "{file}: {} is published; it {verb} effect on {}.",
                published.policy.version_name(),
                format_date(published.policy.effective_from())
            ))
        }
        Ok(PublicationResult::Unchanged(published)) => {
            Ok(format!("{file}: {} was published before.", published.policy.version_name()))
        }
        Ok(PublicationResult::Withdrawn(published)) => Ok(format!(
            "{file}: {} was withdrawn before it began, and is not published again.",
            published.policy.version_name()
        )),
        Ok(PublicationResult::Proposed(proposal)) => {
            let until = proposal.policy.as_ref().map_or_else(String::new, |policy| {
                format!(" before {}", format_time(proposal.row.expires_at, policy.calendar()))
            });
            Ok(format!(
                "{file}: version {} is proposed ({}); an administrator has to confirm it{until}.",
                proposal.row.policy_version, proposal.row.id
            ))
        }
        Err(PublicationError::Fault(fault)) => Err(fault_message(fault)),
        Err(PublicationError::Refused(messages)) => {
            let messages: Vec<String> = messages.iter().map(UserMessage::english).collect();
            bail!("cannot publish {file}:\n  {}", messages.join("\n  "))
        }
    }
}

/// Reads a file named on the command line.
///
/// # Errors
/// If it cannot be read.
pub fn read_text(file: &Path) -> Result<String> {
    fs::read_to_string(file).with_context(|| format!("cannot read {}", file.display()))
}

fn read(file: &Path) -> Result<Policy> {
    Policy::parse(&read_text(file)?).map_err(|problems| {
        let lines: Vec<String> = problems.iter().map(PolicyProblem::to_string).collect();
        anyhow!("{}:\n  {}", file.display(), lines.join("\n  "))
    })
}

/// Describes a policy as text.
fn describe(policy: &Policy) -> String {
    let mut text = format!(
        "{}\n{}, {}\nTakes effect on {}\n",
        policy.title(),
        policy.city(),
        policy.version_name(),
        format_date(policy.effective_from())
    );
    text.extend(policy.draft().map(|mark| format!("Draft: {mark}\n")));
    text.push_str("\nParameters\n");
    let json = policy.to_json_value();
    text.extend(json["parameters"].as_object().into_iter().flatten().map(|(name, parameter)| {
        let source = parameter["source"].as_str().unwrap_or_default();
        format!("  {name} = {}\n    {source}\n", parameter["value"])
    }));
    text.push_str("\nRules: severity at bid, award and renewal; business days to cure\n");
    let word = |severity: Option<Severity>| severity.map_or("does not apply", Severity::as_str);
    let rules = RuleCode::ALL.iter().filter_map(|code| Some((code, policy.rule(*code)?)));
    text.extend(rules.map(|(code, rule)| {
        format!(
            "  {code}: {}, {}, {}; {}\n    {}\n",
            word(rule.bid),
            word(rule.award),
            word(rule.renewal),
            policy.cure_days(*code),
            rule.citation
        )
    }));
    let texts = [
        ("Notice", policy.notice()),
        ("Clause", policy.clause()),
        ("Attestation", policy.attestation()),
    ];
    text.extend(texts.into_iter().map(|(name, part)| {
        format!("\n{name}, version {}\n{}\n", part.version, part.with_draft_notice())
    }));
    text
}
