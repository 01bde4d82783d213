//! Traces of requests, sent to a collector by OTLP over HTTP (OpenTelemetry Protocol 1).
use std::collections::HashMap;
use std::time::Duration;

use anyhow::{Context, Result};
use opentelemetry::trace::{Status, TracerProvider};
use opentelemetry::{Context as TraceContext, KeyValue, propagation::TextMapPropagator};
use opentelemetry_otlp::{Protocol, SpanExporter, WithExportConfig};
use opentelemetry_sdk::Resource;
use opentelemetry_sdk::propagation::TraceContextPropagator;
use opentelemetry_sdk::resource::EnvResourceDetector;
use opentelemetry_sdk::trace::SdkTracerProvider;
use tracing::{Level, Span, Subscriber};
use tracing_opentelemetry::OpenTelemetrySpanExt;
use tracing_subscriber::Layer;
use tracing_subscriber::filter::Targets;
use tracing_subscriber::registry::LookupSpan;

use crate::config::TraceSettings;

/// How long the process waits at its end for the collector to take the last spans.
const LAST_SPANS_TIMEOUT: Duration = Duration::from_secs(5);

/// The spans on their way to the collector. Dropping it sends the last ones, for at most 5 s.
#[derive(Debug)]
pub struct Traces {
    provider: SdkTracerProvider,
}

impl Traces {
    /// Starts a thread that sends spans in batches. The exporter reads the address, the headers, the
    /// timeouts and the sampler from OpenTelemetry's standard variables. A collector that does not
    /// answer is reported in the log; its spans are lost, and requests do not wait.
    ///
    /// # Errors
    /// If the collector's address is not a URL.
    pub fn start(settings: &TraceSettings) -> Result<Self> {
        let exporter = SpanExporter::builder().with_http().with_protocol(Protocol::HttpBinary);
        let exporter = exporter.build().context(
            "traces: OTEL_EXPORTER_OTLP_ENDPOINT or OTEL_EXPORTER_OTLP_TRACES_ENDPOINT needs the \
             address of a collector, such as http://127.0.0.1:4318",
        )?;
        // Not the default resource, which reads the name of the service from the arguments of the
        // command.
        let resource = Resource::builder_empty()
            .with_attribute(KeyValue::new("service.version", env!("CARGO_PKG_VERSION")))
            .with_detector(Box::new(EnvResourceDetector::new()))
            .with_service_name(settings.service_name.clone())
            .build();
        let provider =
            SdkTracerProvider::builder().with_batch_exporter(exporter).with_resource(resource);
        Ok(Self { provider: provider.build() })
    }

    /// Returns the layer that makes traces of Candor's own spans, which have ids and counts and
    /// neither names nor texts. Spans of libraries are left out.
    pub(crate) fn layer<S>(&self) -> impl Layer<S>
    where
        S: Subscriber + for<'span> LookupSpan<'span>,
    {
        let targets = Targets::new()
            .with_target("candor", Level::INFO)
            .with_target("candor_schema", Level::INFO);
        tracing_opentelemetry::layer()
            .with_tracer(self.provider.tracer("candor"))
            .with_location(false)
            .with_threads(false)
            .with_tracked_inactivity(false)
            .with_filter(targets)
    }
}

impl Drop for Traces {
    fn drop(&mut self) {
        if let Err(error) = self.provider.shutdown_with_timeout(LAST_SPANS_TIMEOUT) {
            tracing::warn!(%error, "the last spans were not sent to the collector");
        }
    }
}

/// Makes the span of a request the server's part of the trace in `traceparent` (W3C Trace Context),
/// or of a new one. Does nothing if no traces are sent. A span without the fields `otel.name` and
/// `otel.kind` keeps its own name and kind.
pub(crate) fn join_trace(span: &Span, name: impl FnOnce() -> String, traceparent: Option<&str>) {
    let parent = match traceparent {
        Some(header) => {
            let header = HashMap::from([("traceparent".to_owned(), header.to_owned())]);
            TraceContextPropagator::new().extract_with_context(&TraceContext::new(), &header)
        }
        None => TraceContext::new(),
    };
    if span.set_parent(parent).is_ok() {
        span.record("otel.name", name());
        span.record("otel.kind", "server");
    }
}

/// Marks the span of a request that failed on our side. Does nothing if no traces are sent.
pub(crate) fn mark_failed(span: &Span) {
    span.set_status(Status::error("the request failed"));
}
