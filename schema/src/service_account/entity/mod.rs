//! Tables of API keys and of their last use.
pub mod api_key;
pub mod api_key_use;
