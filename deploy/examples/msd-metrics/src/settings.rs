//! What the environment says.

use std::{path::PathBuf, time::Duration};

#[derive(Debug)]
pub struct Settings {
    pub instance: String,
    pub region: String,
    pub namespace: String,
    pub interval: Duration,
    /// A gauge of the application: its name, and the file which holds its number.
    pub gauge: (String, Option<PathBuf>),
}

impl Settings {
    /// The error names the variable.
    pub fn read(get: impl Fn(&str) -> Option<String>) -> Result<Settings, String> {
        let get = |name: &str| get(name).filter(|value| !value.is_empty());
        let required = |name: &str| get(name).ok_or(format!("{name} is not set"));
        let seconds = get("INTERVAL_SECONDS").unwrap_or_else(|| "60".into());
        let seconds: u64 = seconds.parse().ok().filter(|&s| s > 0).ok_or(format!(
            "INTERVAL_SECONDS is no number of seconds: {seconds}"
        ))?;
        Ok(Settings {
            instance: required("INSTANCE_ID")?,
            region: required("AWS_REGION")?,
            namespace: get("CLOUDWATCH_NAMESPACE").unwrap_or_else(|| "MinecraftDashboard".into()),
            interval: Duration::from_secs(seconds),
            gauge: (
                get("GAUGE_NAME").unwrap_or_else(|| "ActivePlayers".into()),
                get("GAUGE_FILE").map(PathBuf::from),
            ),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::Settings;

    fn read(pairs: &[(&str, &str)]) -> Result<Settings, String> {
        Settings::read(|name| {
            let found = pairs.iter().find(|(key, _)| *key == name);
            found.map(|(_, value)| value.to_string())
        })
    }

    #[test]
    fn defaults_hold() {
        let settings = read(&[("INSTANCE_ID", "i-1"), ("AWS_REGION", "us-west-2")]).unwrap();
        assert_eq!(settings.namespace, "MinecraftDashboard");
        assert_eq!(settings.interval.as_secs(), 60);
    }

    #[test]
    fn what_is_missing_or_wrong_is_named() {
        assert!(read(&[]).unwrap_err().contains("INSTANCE_ID"));
        assert!(read(&[("INTERVAL_SECONDS", "0")])
            .unwrap_err()
            .contains("INTERVAL_SECONDS"));
    }
}
