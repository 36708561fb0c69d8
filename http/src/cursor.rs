//! Cursors: where a page of a list goes on, opaque to clients.

use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use crate::problem::Problem;

/// A float as its bits: read back from a decimal it may be the next one, and a list would
/// repeat an item or skip one.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Exact(u64);

impl From<f64> for Exact {
    fn from(float: f64) -> Exact {
        Exact(float.to_bits())
    }
}

impl From<Exact> for f64 {
    fn from(exact: Exact) -> f64 {
        f64::from_bits(exact.0)
    }
}

/// The text of a cursor.
pub fn encode(cursor: &impl Serialize) -> String {
    let json = serde_json::to_vec(cursor).expect("cursors are numbers and ids");
    BASE64_URL_SAFE_NO_PAD.encode(json)
}

/// Reads a cursor that a client sent back; 400 for one that is not ours.
pub fn decode<T: DeserializeOwned>(text: Option<&str>) -> Result<Option<T>, Problem> {
    let Some(text) = text.filter(|text| !text.is_empty()) else {
        return Ok(None);
    };
    let json = BASE64_URL_SAFE_NO_PAD.decode(text).ok();
    let cursor = json.and_then(|json| serde_json::from_slice(&json).ok());
    match cursor {
        Some(cursor) => Ok(Some(cursor)),
        None => Err(foreign()),
    }
}

/// A cursor of another list.
pub fn foreign() -> Problem {
    Problem::bad_request("The cursor is none of this list's.")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cursor_comes_back_as_it_went() {
        let cursor = (7, uuid::Uuid::from_u128(1));
        assert_eq!(decode(Some(&encode(&cursor))).unwrap(), Some(cursor));
        assert_eq!(decode::<i64>(None).unwrap(), None);
    }

    #[test]
    fn a_float_comes_back_bit_for_bit() {
        for bits in (0..1_000_u64).map(|n| 6_874.1_f64.to_bits() + n) {
            let cursor = Exact::from(f64::from_bits(bits));
            let again: Exact = decode(Some(&encode(&cursor))).unwrap().unwrap();
            assert_eq!(f64::from(again).to_bits(), bits);
        }
    }

    #[test]
    fn a_strangers_cursor_is_a_bad_request() {
        for text in ["x", "!!!", "bnVsbA==", &encode(&"text")] {
            assert_eq!(
                decode::<i64>(Some(text)).unwrap_err().status(),
                400,
                "{text}"
            );
        }
    }
}
