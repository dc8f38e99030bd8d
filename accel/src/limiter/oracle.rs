//! The rules once more, as plainly as they can be said, and the passes held against them.

use std::collections::HashMap;

use super::{Counters, Demand, Field, Operation, Reservation, check, is_over, reserve, slide};

/// Values that never expire, and a log of what was written.
#[derive(Clone, Default, PartialEq, Debug)]
struct Plain {
    values: HashMap<(usize, Field), i64>,
    broken: Option<(usize, Field)>,
    reported: usize,
}

impl Counters for Plain {
    type Error = ();

    fn read(&mut self, scope: usize, field: Field) -> Result<Option<i64>, ()> {
        if self.broken == Some((scope, field)) {
            return Err(());
        }
        Ok(self.values.get(&(scope, field)).copied())
    }

    fn write(&mut self, scope: usize, field: Field, value: i64) -> Result<(), ()> {
        if self.broken == Some((scope, field)) {
            return Err(());
        }
        self.values.insert((scope, field), value);
        Ok(())
    }

    fn report(&mut self, _operation: Operation, _error: ()) -> Result<(), ()> {
        self.reported += 1;
        Ok(())
    }
}

/// A generator of numbers that needs no crate.
struct Numbers(u64);

impl Numbers {
    fn below(&mut self, end: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0 % end
    }
}

fn small(numbers: &mut Numbers, end: u64) -> i64 {
    i64::try_from(numbers.below(end)).unwrap()
}

fn random_demands(numbers: &mut Numbers) -> Vec<Demand> {
    let mut demands = Vec::new();
    for scope in 0..usize::try_from(numbers.below(4)).unwrap() {
        for field in [Field::Requests, Field::Tokens] {
            if numbers.below(3) > 0 {
                let limit = small(numbers, 12) - 2;
                demands.push(Demand {
                    scope,
                    field,
                    limit,
                });
            }
        }
    }
    demands
}

/// One demand at a time, in a table of windows: start and both counters, or none.
fn slide_plainly(table: &mut Plain, demands: &[Demand], now_s: i64, window_s: i64) -> Vec<i64> {
    let values = &mut table.values;
    demands
        .iter()
        .map(|demand| {
            let start = values.get(&(demand.scope, Field::Start)).copied();
            if start.is_none() || now_s - start.unwrap() >= window_s {
                for (field, value) in [
                    (Field::Requests, 0),
                    (Field::Tokens, 0),
                    (Field::Start, now_s),
                ] {
                    values.insert((demand.scope, field), value);
                }
            }
            let counter = values.entry((demand.scope, demand.field)).or_insert(0);
            *counter += 1;
            *counter
        })
        .collect()
}

fn reserve_plainly(
    table: &mut Plain,
    demands: &[Demand],
    amount: i64,
    now_s: i64,
    window_s: i64,
) -> Reservation {
    let fresh = |table: &Plain, demand: &Demand| {
        let start = table.values.get(&(demand.scope, Field::Start));
        start.is_none_or(|start| now_s - start >= window_s)
    };
    let used = |table: &Plain, demand: &Demand| {
        let counter = table.values.get(&(demand.scope, demand.field)).copied();
        if fresh(table, demand) {
            0
        } else {
            counter.unwrap_or(0)
        }
    };
    for (index, demand) in demands.iter().enumerate() {
        let used = used(table, demand);
        if used + amount > demand.limit {
            return Reservation::Refused {
                demand: index,
                used,
            };
        }
    }
    let before = table.clone();
    for demand in demands.iter().filter(|demand| fresh(&before, demand)) {
        table.values.insert((demand.scope, Field::Requests), 0);
        table.values.insert((demand.scope, Field::Tokens), 0);
        table.values.insert((demand.scope, Field::Start), now_s);
    }
    let mut granted = Vec::new();
    for demand in demands {
        let counter = used(&before, demand) + amount;
        table.values.insert((demand.scope, demand.field), counter);
        granted.push(counter);
    }
    Reservation::Granted(granted)
}

#[test]
fn passes_agree_with_the_plain_rules() {
    let mut numbers = Numbers(0x9E37_79B9_7F4A_7C15);
    for _ in 0..300 {
        let (mut native, mut plain) = (Plain::default(), Plain::default());
        let mut now_s = 1_000;
        for _ in 0..60 {
            // Clocks jump backwards, too.
            now_s += small(&mut numbers, 9) - 3;
            let window_s = small(&mut numbers, 12) - 1;
            let demands = random_demands(&mut numbers);
            if numbers.below(2) == 0 {
                assert_eq!(
                    slide(&mut native, &demands, now_s, window_s),
                    Ok(slide_plainly(&mut plain, &demands, now_s, window_s))
                );
            } else {
                let tokens: Vec<_> = demands
                    .into_iter()
                    .filter(|demand| demand.field == Field::Tokens)
                    .collect();
                let amount = 1 + small(&mut numbers, 6);
                assert_eq!(
                    reserve(&mut native, &tokens, amount, now_s, window_s),
                    Ok(reserve_plainly(
                        &mut plain, &tokens, amount, now_s, window_s
                    ))
                );
            }
            assert_eq!(native, plain);
        }
    }
}

#[test]
fn a_check_changes_nothing() {
    let mut numbers = Numbers(7);
    let mut table = Plain::default();
    slide_plainly(&mut table, &random_demands(&mut numbers), 10, 60);
    for _ in 0..100 {
        let demands = random_demands(&mut numbers);
        let before = table.clone();
        let found = check(&mut table, &demands).unwrap().unwrap();
        assert_eq!(table, before);
        for (demand, counter) in demands.iter().zip(found) {
            assert_eq!(
                counter,
                table.values.get(&(demand.scope, demand.field)).copied()
            );
        }
    }
}

#[test]
fn a_failing_store_is_reported_and_passed_over() {
    let demand = Demand {
        scope: 0,
        field: Field::Requests,
        limit: 5,
    };
    let mut table = Plain {
        broken: Some((0, Field::Start)),
        ..Plain::default()
    };
    assert_eq!(check(&mut table, &[demand]), Ok(None));
    assert_eq!(table.reported, 1);
    // Its start can be neither read nor written: every request is the first of a window.
    for _ in 0..3 {
        assert_eq!(slide(&mut table, &[demand], 10, 60), Ok(vec![1]));
    }
    assert_eq!(table.reported, 7);
}

#[test]
fn a_counter_is_over_only_beyond_its_limit() {
    assert!(!is_over(None, -1));
    assert!(!is_over(Some(5), 5));
    assert!(is_over(Some(6), 5));
}
