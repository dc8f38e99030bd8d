//! The longest token that a byte string starts with: a double-array trie in one array.
//!
//! Method: J. Aoe, "An efficient digital search algorithm by using a double-array structure", 1989;
//! here with the byte as the check, which is sound because no two nodes share a base.

/// Absent token.
pub const NONE: u32 = u32::MAX;

/// `base << 9 | label`, so one load answers both "is this a child?" and "where are its children?".
#[derive(Clone, Copy, Debug)]
pub struct Node {
    link: u32,
    token: u32,
}

const LABEL_BITS: u32 = 9;
const LABEL: u32 = (1 << LABEL_BITS) - 1;
/// A label that no byte has.
const FREE: Node = Node {
    link: 256,
    token: NONE,
};

/// Nodes in one array; node 0 is the root.
pub struct Trie {
    nodes: Vec<Node>,
}

impl Trie {
    /// A trie of `(token bytes, id)`; of equal byte strings the last one counts.
    pub fn new<'a>(tokens: impl Iterator<Item = (&'a [u8], u32)>) -> Self {
        let mut sorted: Vec<_> = tokens.collect();
        sorted.sort_unstable_by_key(|(bytes, _)| *bytes);
        Builder::default().build(&sorted)
    }

    /// The id and the length of the longest token that `bytes` starts with; [`NONE`] and 0 without one.
    #[inline(always)]
    pub fn longest(&self, bytes: &[u8]) -> (u32, usize) {
        let mut link = self.nodes[0].link;
        let mut found = (NONE, 0);
        for (before, &byte) in bytes.iter().enumerate() {
            let Some(node) = self
                .nodes
                .get((link >> LABEL_BITS) as usize + usize::from(byte))
            else {
                break;
            };
            if node.link & LABEL != u32::from(byte) {
                break;
            }
            found = if node.token == NONE {
                found
            } else {
                (node.token, before + 1)
            };
            link = node.link;
        }
        found
    }
}

#[derive(Default)]
struct Builder {
    nodes: Vec<Node>,
    base_used: Vec<bool>,
    /// Every index below is taken.
    first_free: usize,
}

impl Builder {
    fn build(mut self, sorted: &[(&[u8], u32)]) -> Trie {
        self.nodes.push(Node {
            link: 256,
            token: NONE,
        });
        // (node, depth, range of the tokens below it)
        let mut todo = vec![(0, 0, 0, sorted.len())];
        while let Some((node, depth, mut start, end)) = todo.pop() {
            while start < end && sorted[start].0.len() == depth {
                self.nodes[node].token = sorted[start].1;
                start += 1;
            }
            let mut children = Vec::new();
            while start < end {
                let label = sorted[start].0[depth];
                let next =
                    start + sorted[start..end].partition_point(|(bytes, _)| bytes[depth] == label);
                children.push((label, start, next));
                start = next;
            }
            if children.is_empty() {
                continue; // base 0 is nobody's, so no child is ever found from here
            }
            let base = self.place(&children);
            let link = u32::try_from(base).expect("fewer than 2^23 nodes") << LABEL_BITS;
            self.nodes[node].link = link | self.nodes[node].link & LABEL;
            for (label, start, next) in children {
                let child = base + usize::from(label);
                self.nodes[child] = Node {
                    link: u32::from(label),
                    token: NONE,
                };
                todo.push((child, depth + 1, start, next));
            }
        }
        Trie { nodes: self.nodes }
    }

    /// A base where all labels fall on free nodes.
    fn place(&mut self, children: &[(u8, usize, usize)]) -> usize {
        while self
            .nodes
            .get(self.first_free)
            .is_some_and(|node| node.link != FREE.link)
        {
            self.first_free += 1;
        }
        let lowest = usize::from(children[0].0);
        let mut base = self.first_free.saturating_sub(lowest).max(1);
        loop {
            let room = base + 256;
            if self.nodes.len() < room {
                self.nodes.resize(room, FREE);
                self.base_used.resize(room, false);
            }
            let free = |label: u8| self.nodes[base + usize::from(label)].link == FREE.link;
            if !self.base_used[base] && children.iter().all(|(label, ..)| free(*label)) {
                self.base_used[base] = true;
                return base;
            }
            base += 1;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn longest_is_the_longest() {
        let tokens: [&[u8]; 7] = [b"a", b"ab", b"abcd", b"b", b"\0", b"\0\0\xFF", b"\xFF"];
        let trie = Trie::new((0..).zip(tokens).map(|(id, bytes)| (bytes, id)));
        let naive = |text: &[u8]| {
            (0..)
                .zip(tokens)
                .filter(|(_, token)| text.starts_with(token))
                .max_by_key(|(_, token)| token.len())
                .map_or(NONE, |(id, _)| id)
        };
        let alphabet = [b'a', b'b', b'c', b'd', 0, 0xFF];
        for number in 0..6_usize.pow(5) {
            let text: Vec<u8> = (0..5)
                .map(|place| alphabet[number / 6_usize.pow(place) % 6])
                .collect();
            assert_eq!(trie.longest(&text).0, naive(&text), "{text:?}");
        }
        assert_eq!(trie.longest(b""), (NONE, 0));
    }
}
