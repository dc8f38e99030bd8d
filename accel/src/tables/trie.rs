//! The longest token that a byte string starts with: a double-array trie in one array.
//!
//! Method: J. Aoe, "An efficient digital search algorithm by using a double-array structure", 1989;
//! here with the byte as the check, which is sound because no two nodes share a base.

/// Absent token.
pub const NONE: u32 = u32::MAX;

/// `base << 9 | label`, so one load answers both "is this a child?" and "where are its children?".
#[derive(Clone, Copy, Debug)]
#[repr(C)]
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

impl Node {
    /// The two words of a node.
    #[cfg_attr(test, allow(dead_code))] // for `build.rs`
    pub fn words(self) -> [u32; 2] {
        [self.link, self.token]
    }
}

/// The nodes of a trie of `(token bytes, id)`; of equal byte strings the last one counts.
pub fn build<'a>(tokens: impl Iterator<Item = (&'a [u8], u32)>) -> Vec<Node> {
    let mut sorted: Vec<_> = tokens.collect();
    sorted.sort_unstable_by_key(|(bytes, _)| *bytes);
    let builder = Builder {
        nodes: Vec::new(),
        taken: Vec::new(),
        base_used: Vec::new(),
        next: Vec::new(),
        single: [0; 256],
        several: [0; 257],
    };
    builder.build(&sorted)
}

/// Nodes in one array; node 0 is the root.
#[derive(Clone, Copy)]
pub struct Trie<'a> {
    pub nodes: &'a [Node],
}

impl Trie<'_> {
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

struct Builder {
    nodes: Vec<Node>,
    taken: Vec<bool>,
    base_used: Vec<bool>,
    /// For a taken index a later one; a free one is its own. Followed to find the next that is free.
    next: Vec<usize>,
    /// By label: where an only child of that label last found room. What was no room stays none.
    single: [usize; 256],
    /// By number of children: where such children last found room. Searching on from there is quick, and
    /// the many only children fill the gaps.
    several: [usize; 257],
}

impl Builder {
    fn build(mut self, sorted: &[(&[u8], u32)]) -> Vec<Node> {
        self.grow(1);
        self.take(0, 256);
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
                self.take(child, u32::from(label));
                todo.push((child, depth + 1, start, next));
            }
        }
        self.nodes
    }

    fn grow(&mut self, room: usize) {
        if self.nodes.len() < room {
            self.nodes.resize(room, FREE);
            self.taken.resize(room, false);
            self.base_used.resize(room, false);
            self.next.extend(self.next.len()..room);
        }
    }

    fn take(&mut self, index: usize, label: u32) {
        self.nodes[index] = Node {
            link: label,
            token: NONE,
        };
        self.grow(index + 2);
        self.next[index] = index + 1;
        self.taken[index] = true;
    }

    /// The first free index from `index` on.
    fn free_from(&mut self, mut index: usize) -> usize {
        self.grow(index + 1);
        while self.next[index] != index {
            // Halves the way for whoever comes next.
            self.next[index] = self.next[self.next[index]];
            index = self.next[index];
            self.grow(index + 1);
        }
        index
    }

    /// A base where all labels fall on free nodes.
    fn place(&mut self, children: &[(u8, usize, usize)]) -> usize {
        let lowest = usize::from(children[0].0);
        let searched = match children.len() {
            1 => self.single[lowest],
            several => self.several[several],
        };
        // Base 0 is nobody's.
        let mut index = self.free_from((searched + lowest).max(lowest + 1));
        loop {
            let base = index - lowest;
            self.grow(base + 257);
            let free = |label: u8| !self.taken[base + usize::from(label)];
            if !self.base_used[base] && children.iter().all(|(label, ..)| free(*label)) {
                self.base_used[base] = true;
                match children.len() {
                    1 => self.single[lowest] = base,
                    several => self.several[several] = base,
                }
                return base;
            }
            index = self.free_from(index + 1);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn longest_is_the_longest() {
        let tokens: [&[u8]; 7] = [b"a", b"ab", b"abcd", b"b", b"\0", b"\0\0\xFF", b"\xFF"];
        let nodes = build((0..).zip(tokens).map(|(id, bytes)| (bytes, id)));
        let trie = Trie { nodes: &nodes };
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
