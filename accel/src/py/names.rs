//! Names of Python attributes and keys, interned once, so that a dict finds them without comparing characters.

/// Declares a struct with one interned string for each `field = "name"`, and its constructor `new(py)`.
macro_rules! names {
    (
        $(#[$about:meta])*
        pub struct $Names:ident;
        $($field:ident = $text:literal),* $(,)?
    ) => {
        $(#[$about])*
        #[allow(clippy::struct_field_names, reason = "a field is called as what it names")]
        pub struct $Names {
            $(pub $field: ::pyo3::Py<::pyo3::types::PyString>,)*
        }

        impl $Names {
            pub fn new(py: ::pyo3::Python<'_>) -> Self {
                Self { $($field: ::pyo3::types::PyString::intern(py, $text).unbind(),)* }
            }
        }
    };
}

pub(crate) use names;
