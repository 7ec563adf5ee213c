# What Vagrant itself makes of our Vagrantfile, for one provider: ruby vagrant.rb FOLDER PROVIDER
# -> a JSON object. Providers that aren't installed are stood in for by empty ones that keep what
# they are told; no machine is made.
ENV["VAGRANT_CHECKPOINT_DISABLE"] = "1"
ENV["VAGRANT_NO_PLUGINS"] = "1"
require "json"
require "tmpdir"
ENV["VAGRANT_HOME"] ||= Dir.mktmpdir
require "vagrant"

folder, provider = ARGV

# Keeps whatever it is told.
class Kept < Vagrant.plugin("2", :config)
  attr_accessor :cpus, :memory
end

class StandIn < Vagrant.plugin("2", :provider)
end

unless Vagrant.plugin("2").manager.providers[provider.to_sym]
  Class.new(Vagrant.plugin("2")) do
    name "stands in for #{provider}"
    provider(provider) { StandIn }
    config(provider, :provider) { Kept }
  end
end

environment = Vagrant::Environment.new(cwd: folder, ui_class: Vagrant::UI::Silent)
machine = environment.vagrantfile.machine_config(:default, provider.to_sym, nil, nil, false)
config = machine[:config]
own = config.vm.get_provider_config(provider.to_sym)
puts JSON.generate(
  errors: machine[:config_errors].to_a + machine[:config_warnings].to_a,
  box: config.vm.box, cpus: own.cpus, memory: own.memory,
  networks: config.vm.networks, folders: config.vm.synced_folders,
  provisioners: config.vm.provisioners.map { |p| [p.name, p.type] },
  words: config.vm.provisioners.find { |p| p.name.to_s == "lab" }.config.args
)
