//! Plots Candor's speed as ratios to the peers.
use std::error::Error;
use std::path::{Path, PathBuf};

use plotters::prelude::*;

const WIDTH: u32 = 860;
/// The height of a bar with its distance from the next, in pixels.
const BAR_HEIGHT: u32 = 26;
/// The height of the title and the axis, in pixels.
const FRAME_HEIGHT: u32 = 90;
/// The width of the names, in pixels.
const NAMES_WIDTH: i32 = 400;
const FONT: (&str, i32) = ("sans-serif", 15);

/// One bar.
pub struct Ratio {
    /// The request, its connections and the peer.
    pub name: String,
    pub value: f64,
}

/// Writes the plot to the target directory; returns its path.
pub fn plot(ratios: &[Ratio]) -> PathBuf {
    let path = Path::new(env!("CARGO_TARGET_TMPDIR")).join("peers.svg");
    draw(&path, ratios).expect("a plot in the target directory");
    path
}

fn draw(path: &Path, ratios: &[Ratio]) -> Result<(), Box<dyn Error>> {
    let count = u32::try_from(ratios.len())?;
    let bars = f64::from(count);
    let area =
        SVGBackend::new(path, (WIDTH, FRAME_HEIGHT + BAR_HEIGHT * count)).into_drawing_area();
    area.fill(&WHITE)?;
    let widest = ratios.iter().map(|ratio| ratio.value).fold(1.0, f64::max) * 1.1;
    let mut chart = ChartBuilder::on(&area)
        .margin(10)
        .caption("Requests a second of Candor, as a ratio to each server", ("sans-serif", 18))
        .x_label_area_size(30)
        .set_label_area_size(LabelAreaPosition::Left, NAMES_WIDTH)
        .build_cartesian_2d(0.0..widest, bars..0.0)?;
    chart
        .configure_mesh()
        .disable_y_mesh()
        .light_line_style(TRANSPARENT)
        .y_labels(0)
        .x_label_style(FONT)
        .draw()?;
    let rows = || (0..count).map(f64::from).zip(ratios);
    chart.draw_series(rows().map(|(row, ratio)| {
        let color = if ratio.value >= 1.0 { RGBColor(0, 110, 90) } else { RGBColor(190, 90, 0) };
        Rectangle::new([(0.0, row + 0.15), (ratio.value, row + 0.85)], color.filled())
    }))?;
    chart.draw_series(rows().map(|(row, ratio)| {
        let text = format!("{:.2}", ratio.value);
        Text::new(text, (ratio.value + widest * 0.01, row + 0.25), FONT)
    }))?;
    chart.draw_series(LineSeries::new([(1.0, 0.0), (1.0, bars)], BLACK))?;
    for (row, ratio) in rows() {
        let (_, y) = chart.backend_coord(&(0.0, row + 0.25));
        area.draw_text(&ratio.name, &FONT.into_text_style(&area), (15, y))?;
    }
    area.present()?;
    Ok(())
}
