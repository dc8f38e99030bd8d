//! SipHash-2-4 with 128 bits (Aumasson and Bernstein): a hash that nobody without the secret can aim at.

/// A secret of 128 bits.
#[derive(Clone, Copy)]
pub struct Secret(pub u64, pub u64);

impl Secret {
    /// One that is new in each process, from what the standard library seeds its own tables with.
    #[must_use]
    pub fn random() -> Self {
        use std::hash::{BuildHasher, RandomState};
        let state = RandomState::new();
        Self(state.hash_one(0_u8), state.hash_one(1_u8))
    }

    /// The hash of some bytes.
    #[must_use]
    pub fn hash(self, bytes: &[u8]) -> u128 {
        let mut state = [
            self.0 ^ 0x736f_6d65_7073_6575,
            self.1 ^ 0x646f_7261_6e64_6f6d ^ 0xee,
            self.0 ^ 0x6c79_6765_6e65_7261,
            self.1 ^ 0x7465_6462_7974_6573,
        ];
        let mut words = bytes.chunks_exact(8);
        for word in &mut words {
            let word = word.try_into().map_or(0, u64::from_le_bytes);
            absorb(&mut state, word);
        }
        let mut last = (bytes.len() as u64) << 56;
        for (place, byte) in words.remainder().iter().enumerate() {
            last |= u64::from(*byte) << (8 * place);
        }
        absorb(&mut state, last);
        state[2] ^= 0xee;
        let low = finish(&mut state);
        state[1] ^= 0xdd;
        let high = finish(&mut state);
        u128::from(high) << 64 | u128::from(low)
    }
}

fn absorb(state: &mut [u64; 4], word: u64) {
    state[3] ^= word;
    round(state);
    round(state);
    state[0] ^= word;
}

fn finish(state: &mut [u64; 4]) -> u64 {
    for _ in 0..4 {
        round(state);
    }
    state[0] ^ state[1] ^ state[2] ^ state[3]
}

fn round(state: &mut [u64; 4]) {
    let [a, b, c, d] = state;
    *a = a.wrapping_add(*b);
    *b = b.rotate_left(13) ^ *a;
    *a = a.rotate_left(32);
    *c = c.wrapping_add(*d);
    *d = d.rotate_left(16) ^ *c;
    *a = a.wrapping_add(*d);
    *d = d.rotate_left(21) ^ *a;
    *c = c.wrapping_add(*b);
    *b = b.rotate_left(17) ^ *c;
    *c = c.rotate_left(32);
}

#[cfg(test)]
mod tests {
    use super::Secret;

    #[test]
    fn known_answers() {
        // From the authors' vectors: secret 00..0f, messages of 0, 1 and 8 bytes 00, 01, ...
        let secret = Secret(0x0706_0504_0302_0100, 0x0f0e_0d0c_0b0a_0908);
        let message: Vec<u8> = (0..8).collect();
        let answers: [(usize, [u8; 16]); 2] = [
            (
                0,
                [
                    0xa3, 0x81, 0x7f, 0x04, 0xba, 0x25, 0xa8, 0xe6, 0x6d, 0xf6, 0x72, 0x14, 0xc7,
                    0x55, 0x02, 0x93,
                ],
            ),
            (
                1,
                [
                    0xda, 0x87, 0xc1, 0xd8, 0x6b, 0x99, 0xaf, 0x44, 0x34, 0x76, 0x59, 0x11, 0x9b,
                    0x22, 0xfc, 0x45,
                ],
            ),
        ];
        for (length, answer) in answers {
            assert_eq!(secret.hash(&message[..length]), u128::from_le_bytes(answer));
        }
    }

    #[test]
    fn processes_have_secrets_of_their_own() {
        let (one, other) = (Secret::random(), Secret::random());
        assert_ne!((one.0, one.1), (other.0, other.1));
    }
}
