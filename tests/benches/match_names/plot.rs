//! Plots precision, recall and their mean against the threshold.
use std::error::Error;
use std::path::{Path, PathBuf};

use candor_matcher::{POSSIBLE_SCORE, PROBABLE_SCORE};
use plotters::prelude::*;

use crate::accuracy::Point;

const SIZE: (u32, u32) = (800, 500);
const FONT: (&str, i32) = ("sans-serif", 16);

type Share = fn(&Point) -> f64;

/// Writes the plot to the target directory; returns its path.
pub fn plot(points: &[Point], source: &str) -> PathBuf {
    let path = Path::new(env!("CARGO_TARGET_TMPDIR")).join("match_names.svg");
    draw(&path, points, source).expect("a plot in the target directory");
    path
}

fn draw(path: &Path, points: &[Point], source: &str) -> Result<(), Box<dyn Error>> {
    let area = SVGBackend::new(path, SIZE).into_drawing_area();
    area.fill(&WHITE)?;
    let lowest = points.iter().map(|point| point.precision.min(point.recall).min(point.f1()));
    // The axis is shown even if all values are 1.
    let lowest = (lowest.fold(0.9, f64::min) * 10.0).floor() / 10.0;
    let mut chart = ChartBuilder::on(&area)
        .margin(15)
        .caption(format!("First hits, {source}"), ("sans-serif", 20))
        .x_label_area_size(45)
        .y_label_area_size(55)
        .build_cartesian_2d(0.0..1.0_f32, lowest..1.0)?;
    chart
        .configure_mesh()
        .light_line_style(TRANSPARENT)
        .x_desc("threshold")
        .y_desc("share")
        .label_style(FONT)
        .axis_desc_style(FONT)
        .draw()?;
    for (threshold, name) in [(POSSIBLE_SCORE, "POSSIBLE"), (PROBABLE_SCORE, "PROBABLE")] {
        chart.draw_series(LineSeries::new(
            [(threshold, lowest), (threshold, 1.0)],
            BLACK.mix(0.4),
        ))?;
        let label = (threshold + 0.005, lowest + (1.0 - lowest) * 0.05);
        chart.draw_series([Text::new(name, label, FONT)])?;
    }
    let lines: [(&str, RGBColor, Share); 3] = [
        ("precision", BLUE, |point| point.precision),
        ("recall", RED, |point| point.recall),
        ("F1", RGBColor(0, 130, 60), Point::f1),
    ];
    for (name, color, share) in lines {
        let line = points.iter().map(|point| (point.threshold, share(point)));
        chart
            .draw_series(LineSeries::new(line, color.stroke_width(2)))?
            .label(name)
            .legend(move |(x, y)| PathElement::new([(x, y), (x + 20, y)], color.stroke_width(2)));
    }
    chart
        .configure_series_labels()
        .position(SeriesLabelPosition::LowerLeft)
        .background_style(WHITE)
        .border_style(BLACK)
        .label_font(FONT)
        .draw()?;
    area.present()?;
    Ok(())
}
