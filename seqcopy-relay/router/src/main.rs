//! A router of zenoh with its plugins for REST and MQTT linked in, as `zenohd` loads them from files: `router CONFIG`,
//! where `CONFIG` is a configuration of zenoh's in JSON5.

use zenoh::Config;
use zenoh::config::WhatAmI;
use zenoh::internal::plugins::PluginsManager;
use zenoh::internal::runtime::{RuntimeBuilder, ZRuntime};

fn main() -> Result<(), Box<dyn std::error::Error + Send + Sync>> {
    zenoh::init_log_from_env_or("warn");
    let path = std::env::args_os().nth(1).ok_or("router CONFIG")?;
    let mut config = Config::from_file(path)?;
    config.set_mode(Some(WhatAmI::Router)).map_err(|_| "the mode can't be set")?;
    let mut plugins = PluginsManager::static_plugins_only();
    plugins.declare_static_plugin::<zenoh_plugin_rest::RestPlugin, &str>("rest", true);
    plugins.declare_static_plugin::<zenoh_plugin_mqtt::MqttPlugin, &str>("mqtt", true);
    let _router = ZRuntime::Application.block_on(async {
        let mut router = RuntimeBuilder::new(config).plugins_manager(plugins).build().await?;
        router.start().await.map(|()| router)
    })?;
    loop {
        std::thread::park();
    }
}
