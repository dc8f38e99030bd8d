//! Reading a `.tiktoken` vocabulary: a line is `base64(token) rank`.

use std::fmt;

/// All tokens of an encoding; a token's id is its rank and its index here.
pub struct Vocabulary {
    tokens: Vec<Vec<u8>>,
}

/// Why a vocabulary cannot be used.
#[derive(Debug, PartialEq, Eq)]
pub struct VocabularyError {
    message: String,
}

impl VocabularyError {
    pub(super) fn new(message: impl Into<String>) -> Self {
        Self {
            message: message.into(),
        }
    }
}

impl fmt::Display for VocabularyError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.message)
    }
}

impl std::error::Error for VocabularyError {}

/// Ids are packed into 18 bits.
const MAX_TOKENS: usize = 1 << 18;
/// Lengths are kept in one byte.
const MAX_LENGTH: usize = 255;

impl Vocabulary {
    /// Parse the content of a vocabulary file.
    ///
    /// # Errors
    /// A line is malformed, ranks are not 0, 1, 2 …, a token is empty or too long, or the single bytes
    /// are not the first 256 tokens.
    pub fn parse(content: &[u8]) -> Result<Self, VocabularyError> {
        let mut tokens = Vec::new();
        for line in content
            .split(|byte| *byte == b'\n')
            .filter(|line| !line.is_empty())
        {
            let number = tokens.len() + 1;
            let malformed = || VocabularyError::new(format!("line {number} is not `base64 rank`"));
            let blank = line
                .iter()
                .position(|byte| *byte == b' ')
                .ok_or_else(malformed)?;
            let rank = std::str::from_utf8(&line[blank + 1..]).map_err(|_| malformed())?;
            let rank: usize = rank.trim_ascii_end().parse().map_err(|_| malformed())?;
            if rank != tokens.len() {
                return Err(VocabularyError::new(format!(
                    "line {number} has rank {rank}; expected {}",
                    tokens.len()
                )));
            }
            tokens.push(base64(&line[..blank]).ok_or_else(malformed)?);
        }
        Self::new(tokens)
    }

    /// A vocabulary of these tokens, in the order of their ranks.
    ///
    /// # Errors
    /// As for [`Vocabulary::parse`].
    pub fn new(tokens: Vec<Vec<u8>>) -> Result<Self, VocabularyError> {
        if tokens.len() > MAX_TOKENS {
            return Err(VocabularyError::new(format!(
                "more than {MAX_TOKENS} tokens"
            )));
        }
        if let Some(id) = tokens
            .iter()
            .position(|t| t.is_empty() || t.len() > MAX_LENGTH)
        {
            let len = tokens[id].len();
            return Err(VocabularyError::new(format!("token {id} has {len} bytes")));
        }
        let mut seen = [false; 256];
        for token in tokens.iter().take(256).filter(|token| token.len() == 1) {
            seen[usize::from(token[0])] = true;
        }
        if !seen.iter().all(|seen| *seen) {
            return Err(VocabularyError::new(
                "the first 256 tokens are not the single bytes",
            ));
        }
        Ok(Self { tokens })
    }

    /// The tokens in the order of their ids.
    pub fn tokens(&self) -> &[Vec<u8>] {
        &self.tokens
    }
}

/// Decode standard base64 with padding.
fn base64(encoded: &[u8]) -> Option<Vec<u8>> {
    if encoded.is_empty() || !encoded.len().is_multiple_of(4) {
        return None;
    }
    let padding = encoded
        .iter()
        .rev()
        .take_while(|byte| **byte == b'=')
        .count();
    let mut decoded = Vec::with_capacity(encoded.len() / 4 * 3);
    for group in encoded[..encoded.len() - padding].chunks(4) {
        let mut bits: u32 = 0;
        for byte in group {
            let six = match byte {
                b'A'..=b'Z' => byte - b'A',
                b'a'..=b'z' => byte - b'a' + 26,
                b'0'..=b'9' => byte - b'0' + 52,
                b'+' => 62,
                b'/' => 63,
                _ => return None,
            };
            bits = bits << 6 | u32::from(six);
        }
        bits <<= 6 * (4 - group.len());
        decoded.extend_from_slice(&bits.to_be_bytes()[1..group.len()]);
    }
    (padding <= 2).then_some(decoded)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn base64_of_every_length() {
        assert_eq!(base64(b"IQ==").unwrap(), b"!");
        assert_eq!(base64(b"ISI=").unwrap(), b"!\"");
        assert_eq!(base64(b"ISIj").unwrap(), b"!\"#");
        assert_eq!(
            base64(b"+/8AISIj").unwrap(),
            [0xFB, 0xFF, 0, b'!', b'"', b'#']
        );
        for bad in [&b""[..], b"IQ", b"I===", b"====", b"IQ=!", b"I Q="] {
            assert_eq!(base64(bad), None, "{bad:?}");
        }
    }

    #[test]
    fn what_is_wrong_is_said() {
        let error = |content: &[u8]| Vocabulary::parse(content).err().unwrap().to_string();
        assert_eq!(error(b"IQ== 1\n"), "line 1 has rank 1; expected 0");
        assert_eq!(error(b"IQ==\n"), "line 1 is not `base64 rank`");
        assert_eq!(error(b"IQ== x\n"), "line 1 is not `base64 rank`");
        assert_eq!(
            error(b"IQ== 0\n"),
            "the first 256 tokens are not the single bytes"
        );
        assert_eq!(error(b""), "the first 256 tokens are not the single bytes");
    }
}
