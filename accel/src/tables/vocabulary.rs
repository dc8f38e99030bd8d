//! A vocabulary: the tokens of an encoding in the order of their ranks.

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
    pub(crate) fn new(message: impl Into<String>) -> Self {
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
/// Lengths are kept in two bytes.
const MAX_LENGTH: usize = 65_535;

impl Vocabulary {
    /// Read a file of `accel/vocabularies`: each token as its length and its bytes. The length takes one byte;
    /// above 255 that is 0, and two bytes with the length follow, the low one first.
    ///
    /// # Errors
    /// The last token is cut off, or the tokens are not a vocabulary.
    pub fn unpack(mut content: &[u8]) -> Result<Self, VocabularyError> {
        let mut tokens = Vec::new();
        while let Some((&length, rest)) = content.split_first() {
            let (length, rest) = match (length, rest) {
                (0, &[low, high, ref rest @ ..]) => (u16::from_le_bytes([low, high]), rest),
                _ => (u16::from(length), rest),
            };
            let Some((token, rest)) = rest.split_at_checked(usize::from(length)) else {
                return Err(VocabularyError::new(format!(
                    "token {} is cut off",
                    tokens.len()
                )));
            };
            tokens.push(token.to_vec());
            content = rest;
        }
        Self::new(tokens)
    }

    /// A vocabulary of these tokens, in the order of their ranks.
    ///
    /// # Errors
    /// There are too many tokens, one is empty or too long, or the first 256 are not the single bytes.
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_wrong_is_said() {
        let error = |content: &[u8]| Vocabulary::unpack(content).err().unwrap().to_string();
        assert_eq!(error(b"\x02ab\x03ab"), "token 1 is cut off");
        assert_eq!(error(b"\x01a\x00"), "token 1 has 0 bytes");
        assert_eq!(
            error(b"\x01a"),
            "the first 256 tokens are not the single bytes"
        );
        assert_eq!(error(b""), "the first 256 tokens are not the single bytes");
    }

    #[test]
    fn tokens_come_back_in_order() {
        let mut tokens: Vec<Vec<u8>> = (0..=255).map(|byte| vec![byte]).collect();
        tokens.push(vec![b'x'; 255]);
        tokens.push(vec![b'x'; 256]);
        tokens.push(vec![b'y'; 1000]);
        let packed: Vec<u8> = tokens
            .iter()
            .flat_map(|token| {
                let length = match u8::try_from(token.len()) {
                    Ok(length) => vec![length],
                    Err(_) => [&[0], &token.len().to_le_bytes()[..2]].concat(),
                };
                length.into_iter().chain(token.clone())
            })
            .collect();
        assert_eq!(Vocabulary::unpack(&packed).unwrap().tokens(), tokens);
    }
}
