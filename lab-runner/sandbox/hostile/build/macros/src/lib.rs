//! A macro that attacks while it is expanded.

#[path = "../../attack.rs"]
mod attack;

use proc_macro::TokenStream;

#[proc_macro]
pub fn expand(_: TokenStream) -> TokenStream {
    attack::all("macro");
    TokenStream::new()
}
