//! Bytes as hex in JSON: four times shorter than a list of numbers.

use serde::de::Error;
use serde::{Deserialize, Deserializer, Serializer};

/// `[0x1f, 0x90]` -> `"1f90"`.
pub(crate) fn serialize<S: Serializer>(
    bytes: &[u8],
    to: S,
) -> Result<S::Ok, S::Error> {
    let text: String = bytes.iter().map(|b| format!("{b:02x}")).collect();
    to.serialize_str(&text)
}

/// `"1f90"` -> `[0x1f, 0x90]`.
pub(crate) fn deserialize<'de, D: Deserializer<'de>>(
    from: D,
) -> Result<Vec<u8>, D::Error> {
    let text = String::deserialize(from)?;
    // Not from_str_radix: it takes a plus sign.
    let digit = |byte: u8| char::from(byte).to_digit(16).map(|d| d as u8);
    let byte = |pair: &[u8]| match *pair {
        [high, low] => Some(digit(high)? << 4 | digit(low)?),
        _ => None,
    };
    let bytes: Option<Vec<u8>> = text.as_bytes().chunks(2).map(byte).collect();
    bytes.ok_or_else(|| D::Error::custom(format!("{text:?} is no hex")))
}

#[cfg(test)]
mod tests {
    use serde::{Deserialize, Serialize};

    #[derive(Serialize, Deserialize)]
    struct Kept(#[serde(with = "super")] Vec<u8>);

    #[test]
    fn bytes_come_back_and_rubbish_does_not() {
        let text = serde_json::to_string(&Kept(vec![0, 0x1f, 0xff])).unwrap();
        assert_eq!(text, "\"001fff\"");
        let back: Kept = serde_json::from_str(&text).unwrap();
        assert_eq!(back.0, [0, 0x1f, 0xff]);
        for wrong in ["\"1\"", "\"zz\"", "\"é9\"", "\"+1\""] {
            assert!(serde_json::from_str::<Kept>(wrong).is_err(), "{wrong}");
        }
    }
}
