//! Whom a connection talks to.

/// Scheme, host and port, borrowed from where they are kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct OriginRef<'a> {
    /// As in `b"https"`.
    pub scheme: &'a [u8],
    /// As in `b"example.com"`.
    pub host: &'a [u8],
    /// Always filled in.
    pub port: i64,
}

impl<'a> OriginRef<'a> {
    /// The origin of a URL, whose port may be missing or 0; None for a scheme without a usual port.
    #[must_use]
    pub fn of_url(scheme: &'a [u8], host: &'a [u8], port: Option<i64>) -> Option<Self> {
        let usual = usual_port(scheme)?;
        let port = port.filter(|port| *port != 0).unwrap_or(usual);
        Some(Self { scheme, host, port })
    }

    /// A copy that outlives what it was borrowed from.
    #[must_use]
    pub fn owned(self) -> Origin {
        Origin {
            scheme: self.scheme.into(),
            host: self.host.into(),
            port: self.port,
        }
    }
}

/// An origin with its own text.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Origin {
    scheme: Box<[u8]>,
    host: Box<[u8]>,
    port: i64,
}

impl Origin {
    /// Whether both are the same; hosts first, since they differ most.
    #[must_use]
    pub fn is(&self, other: OriginRef<'_>) -> bool {
        *self.host == *other.host && self.port == other.port && *self.scheme == *other.scheme
    }
}

fn usual_port(scheme: &[u8]) -> Option<i64> {
    match scheme {
        b"http" | b"ws" => Some(80),
        b"https" | b"wss" => Some(443),
        b"socks5" | b"socks5h" => Some(1080),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::OriginRef;

    #[test]
    fn ports_that_are_missing_or_zero_are_the_usual_ones() {
        for (scheme, port) in [
            (&b"http"[..], 80),
            (b"ws", 80),
            (b"https", 443),
            (b"wss", 443),
            (b"socks5", 1080),
            (b"socks5h", 1080),
        ] {
            for given in [None, Some(0), Some(port)] {
                assert_eq!(
                    OriginRef::of_url(scheme, b"host", given).map(|origin| origin.port),
                    Some(port)
                );
            }
        }
        let other = OriginRef::of_url(b"http", b"host", Some(8080));
        assert_eq!(other.map(|origin| origin.port), Some(8080));
        assert_eq!(OriginRef::of_url(b"ftp", b"host", None), None);
        assert_eq!(OriginRef::of_url(b"HTTP", b"host", Some(80)), None);
    }

    #[test]
    fn each_part_counts() {
        let of = |scheme, host, port| OriginRef { scheme, host, port };
        let origin = of(b"http", b"host", 80);
        assert!(origin.owned().is(origin));
        assert!(!origin.owned().is(of(b"https", b"host", 80)));
        assert!(!origin.owned().is(of(b"http", b"Host", 80)));
        assert!(!origin.owned().is(of(b"http", b"host", 81)));
        assert_eq!(origin.owned(), origin.owned());
    }
}
