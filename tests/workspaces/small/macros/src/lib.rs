//! The procedural macro of this workspace.

use proc_macro2::TokenStream;
use quote::quote;
use syn::{parse_macro_input, Data, DeriveInput, Error, Fields};

/// Gives a struct `FIELD_NAMES`, the names of its fields in their order.
#[proc_macro_derive(FieldNames)]
pub fn derive_field_names(input: proc_macro::TokenStream) -> proc_macro::TokenStream {
    let input = parse_macro_input!(input as DeriveInput);
    expand(&input)
        .unwrap_or_else(Error::into_compile_error)
        .into()
}

fn expand(input: &DeriveInput) -> syn::Result<TokenStream> {
    let Data::Struct(data) = &input.data else {
        return Err(Error::new_spanned(
            &input.ident,
            "only structs have field names",
        ));
    };
    let Fields::Named(fields) = &data.fields else {
        return Err(Error::new_spanned(&input.ident, "the fields have no names"));
    };
    let names = fields
        .named
        .iter()
        .filter_map(|field| Some(field.ident.as_ref()?.to_string()));
    let (ident, (impls, types, bounds)) = (&input.ident, input.generics.split_for_impl());
    Ok(quote! {
        impl #impls #ident #types #bounds {
            pub const FIELD_NAMES: &'static [&'static str] = &[#(#names),*];
        }
    })
}
