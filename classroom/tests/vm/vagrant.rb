# What Vagrant itself makes of our Vagrantfile, for each provider: ruby vagrant.rb FOLDER
# Providers that aren't installed are stood in for by empty ones that keep what they are told; no
# machine is made. Exit codes: 0 as it must be, 1 not, and what isn't.
require "json"
require "tmpdir"
ENV["VAGRANT_CHECKPOINT_DISABLE"] = "1"
ENV["VAGRANT_NO_PLUGINS"] = "1"
ENV["VAGRANT_HOME"] ||= Dir.mktmpdir
require "vagrant"

FOLDER = ARGV.fetch(0)
PROVIDERS = %w[virtualbox libvirt vmware_desktop parallels].freeze
BOXES = %w[bento/debian-12 bento/debian-13 bento/ubuntu-24.04].freeze
VARIABLES = %w[LAB_BOX LAB_CPUS LAB_MEMORY LAB_PORT LAB_ARCHIVE LAB_SUBMISSIONS LAB_RESULTS].freeze

# Keeps what it is told.
class Kept < Vagrant.plugin("2", :config)
  attr_accessor :cpus, :memory
end

class StandIn < Vagrant.plugin("2", :provider)
end

(PROVIDERS - ["virtualbox"]).each do |provider|
  Class.new(Vagrant.plugin("2")) do
    name "stands in for #{provider}"
    provider(provider) { StandIn }
    config(provider, :provider) { Kept }
  end
end

@failures = []

def must(sentence, wanted, saw)
  @failures << "#{sentence}\n  wanted  #{wanted.inspect}\n  saw     #{saw.inspect}" if wanted != saw
end

# The machine's configuration under these variables, for that provider.
def configuration(provider, variables)
  VARIABLES.each { |name| ENV[name] = variables[name] }
  environment = Vagrant::Environment.new(cwd: FOLDER, ui_class: Vagrant::UI::Silent)
  machine = environment.vagrantfile.machine_config(:default, provider.to_sym, nil, nil, false)
  must("#{provider} is configured without errors", [], machine[:config_errors].to_a)
  machine[:config]
end

def size(provider, config)
  own = config.vm.get_provider_config(provider.to_sym)
  return [own.cpus, own.memory] unless provider == "virtualbox"

  own.customizations.flat_map { |_, words| words }.each_slice(4).map { |words| words[3] }
end

def ports(config)
  networks = config.vm.networks.reject { |_, options| options[:id] == "ssh" }
  networks.map { |kind, o| [kind, o[:host_ip], o[:host], o[:guest], o[:auto_correct]] }
end

# Folders that are mounted, not copied: where in the machine, and whether it may write.
def mounts(config)
  used = config.vm.synced_folders.values.reject { |o| o[:disabled] || o[:type].to_s == "rsync" }
  used.map { |o| [o[:guestpath], o[:mount_options].to_a.include?("ro")] }.sort
end

def words(config)
  config.vm.provisioners.find { |p| p.name.to_s == "lab" }.config.args
end

def check(provider)
  plain = configuration(provider, {})
  must("#{provider}: the box", "bento/debian-12", plain.vm.box)
  must("#{provider}: two cores, 2 GiB", [2, 2048], size(provider, plain).map(&:to_i))
  must("#{provider}: one port, on loopback",
       [[:forwarded_port, "127.0.0.1", 3000, 3001, false]], ports(plain))
  must("#{provider}: nothing is mounted", [], mounts(plain))
  must("#{provider}: provision.sh's words", %w[--port 3000 --door 3001], words(plain))

  class_ = configuration(provider, "LAB_SUBMISSIONS" => "/tmp/in", "LAB_PORT" => "4000",
                                   "LAB_CPUS" => "3", "LAB_MEMORY" => "4096",
                                   "LAB_ARCHIVE" => "/tmp/a.tar.gz")
  must("#{provider}: submissions read-only, results not, nothing else",
       [["/srv/class/results", false], ["/srv/class/submissions", true]], mounts(class_))
  must("#{provider}: another port", [[:forwarded_port, "127.0.0.1", 4000, 4001, false]],
       ports(class_))
  must("#{provider}: another size", [3, 4096], size(provider, class_).map(&:to_i))
  must("#{provider}: an archive", %w[--port 4000 --door 4001 --from /tmp/a.tar.gz], words(class_))
  return unless provider == "libvirt"

  shared = class_.vm.synced_folders["/srv/class/submissions"]
  must("libvirt: the host refuses writing, too", true, shared[:readonly])
end

PROVIDERS.each { |provider| check(provider) }
BOXES.each do |box|
  must("LAB_BOX", box, configuration("virtualbox", "LAB_BOX" => box).vm.box)
end
puts @failures
exit @failures.empty? ? 0 : 1
