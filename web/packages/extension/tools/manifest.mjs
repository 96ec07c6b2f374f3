// What each browser is told of the extension: least permissions, no host, no code from anywhere else, and connections to the
// network's own servers only.

const kSizes = [16, 32, 48];

function icons(name, sizes) {
  return Object.fromEntries(sizes.map((size) => [size, `icons/${name}-${size}.png`]));
}

// What the network's config.json names, as a policy has it: origins.
function policy({ brokers, relays, netstate }) {
  const urls = [...brokers.map(({ url }) => url), ...relays, ...(netstate ? [netstate.url] : [])];
  const origins = urls.map((url) => new URL(url).origin);
  const connect = [...new Set(["'self'", ...origins])].join(' ');
  return [
    "default-src 'none'",
    "script-src 'self' 'wasm-unsafe-eval'",
    "worker-src 'self'",
    "object-src 'none'",
    "style-src 'self'",
    "img-src 'self'",
    `connect-src ${connect}`,
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
  ].join('; ');
}

function common(config, version) {
  return {
    name: 'Footbridge',
    version,
    description: '__MSG_description__',
    default_locale: 'en',
    icons: icons('active', [...kSizes, 128]),
    options_ui: { page: 'options.html', open_in_tab: true },
    incognito: 'not_allowed',
    policy: policy(config),
  };
}

const button = { default_popup: 'popup.html', default_icon: icons('off', kSizes), default_title: 'Footbridge' };

export function chromeManifest(config, { version }) {
  const { policy: extension_pages, ...rest } = common(config, version);
  return {
    manifest_version: 3,
    ...rest,
    minimum_chrome_version: '120', // alarms of half a minute, and all that the relay needs
    permissions: ['offscreen', 'storage', 'alarms'],
    optional_permissions: ['notifications', 'background'], // asked for when a person ticks what needs them
    background: { service_worker: 'service_worker.js', type: 'module' },
    action: button,
    content_security_policy: { extension_pages },
  };
}

// Manifest 2: a page of manifest 3 is ended after half a minute, whatever it carries.
export function firefoxManifest(config, { version, geckoId }) {
  const { policy: content_security_policy, ...rest } = common(config, version);
  return {
    manifest_version: 2,
    ...rest,
    permissions: ['storage', 'alarms'],
    optional_permissions: ['notifications'],
    background: { page: 'background.html', persistent: true },
    browser_action: button,
    content_security_policy,
    browser_specific_settings: {
      gecko: { id: geckoId, strict_min_version: '128.0', data_collection_permissions: { required: ['none'] } },
    },
  };
}
