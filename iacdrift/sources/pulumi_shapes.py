"""Where a property of Pulumi's AWS provider isn't just the camelCase of Terraform's attribute: plurals, and single blocks.

Read off pulumi_aws's classes beside the schema of the Terraform provider that they wrap; tests/sources/test_pulumi_names.py holds
every line against the installed package. Paths are properties with dots between them, lists left out.
"""

from __future__ import annotations

from collections.abc import Mapping

PLURALS: Mapping[str, Mapping[str, str]] = {
    "aws_autoscaling_group": {
        "initialLifecycleHooks": "initial_lifecycle_hook",
        "tags": "tag",
        "trafficSources": "traffic_source",
        "vpcZoneIdentifiers": "vpc_zone_identifier",
        "mixedInstancesPolicy.launchTemplate.overrides": "override",
    },
    "aws_db_instance": {"listenerEndpoints": "listener_endpoint", "masterUserSecrets": "master_user_secret"},
    "aws_default_route_table": {"routes": "route"},
    "aws_docdb_cluster": {"masterUserSecrets": "master_user_secret"},
    "aws_ec2_fleet": {
        "fleetInstanceSets": "fleet_instance_set",
        "launchTemplateConfigs": "launch_template_config",
        "launchTemplateConfigs.overrides": "override",
    },
    "aws_ec2_managed_prefix_list": {"entries": "entry"},
    "aws_ecs_cluster": {"settings": "setting"},
    "aws_ecs_service": {
        "capacityProviderStrategies": "capacity_provider_strategy",
        "loadBalancers": "load_balancer",
        "orderedPlacementStrategies": "ordered_placement_strategy",
        "serviceConnectConfiguration.services": "service",
        "serviceConnectConfiguration.logConfiguration.secretOptions": "secret_option",
    },
    "aws_ecs_task_definition": {"inferenceAccelerators": "inference_accelerator", "volumes": "volume"},
    "aws_eks_cluster": {"identities": "identity", "identities.oidcs": "oidc"},
    "aws_eks_node_group": {"taints": "taint"},
    "aws_elasticache_cluster": {"logDeliveryConfigurations": "log_delivery_configuration"},
    "aws_elasticache_replication_group": {"logDeliveryConfigurations": "log_delivery_configuration"},
    "aws_elasticache_serverless_cache": {
        "endpoints": "endpoint",
        "readerEndpoints": "reader_endpoint",
        "snapshotArnsToRestores": "snapshot_arns_to_restore",
        "cacheUsageLimits.ecpuPerSeconds": "ecpu_per_second",
    },
    "aws_elasticsearch_domain": {"autoTuneOptions.maintenanceSchedules": "maintenance_schedule"},
    "aws_elb": {"listeners": "listener"},
    "aws_instance": {
        "ebsBlockDevices": "ebs_block_device",
        "ephemeralBlockDevices": "ephemeral_block_device",
        "networkInterfaces": "network_interface",
    },
    "aws_lambda_function": {"imageConfig.commands": "command", "imageConfig.entryPoints": "entry_point"},
    "aws_launch_configuration": {"ebsBlockDevices": "ebs_block_device", "ephemeralBlockDevices": "ephemeral_block_device"},
    "aws_launch_template": {"licenseSpecifications": "license_specification"},
    "aws_lb": {"subnetMappings": "subnet_mapping"},
    "aws_lb_listener": {"defaultActions": "default_action", "defaultActions.forward.targetGroups": "target_group"},
    "aws_lb_listener_rule": {
        "actions": "action",
        "conditions": "condition",
        "actions.forward.targetGroups": "target_group",
        "conditions.queryStrings": "query_string",
    },
    "aws_lb_target_group": {"targetFailovers": "target_failover", "targetHealthStates": "target_health_state"},
    "aws_memorydb_cluster": {"clusterEndpoints": "cluster_endpoint", "shards.nodes.endpoints": "endpoint"},
    "aws_mq_broker": {"users": "user"},
    "aws_network_interface": {"attachments": "attachment", "ipv6AddressLists": "ipv6_address_list", "privateIpLists": "private_ip_list"},
    "aws_opensearch_domain": {"autoTuneOptions.maintenanceSchedules": "maintenance_schedule"},
    "aws_rds_cluster": {"masterUserSecrets": "master_user_secret"},
    "aws_redshiftserverless_workgroup": {
        "configParameters": "config_parameter",
        "endpoints": "endpoint",
        "endpoints.vpcEndpoints": "vpc_endpoint",
        "endpoints.vpcEndpoints.networkInterfaces": "network_interface",
    },
    "aws_route_table": {"routes": "route"},
    "aws_spot_fleet_request": {
        "launchSpecifications": "launch_specification",
        "launchTemplateConfigs": "launch_template_config",
        "launchSpecifications.ebsBlockDevices": "ebs_block_device",
        "launchSpecifications.ephemeralBlockDevices": "ephemeral_block_device",
        "launchSpecifications.rootBlockDevices": "root_block_device",
    },
    "aws_spot_instance_request": {
        "ebsBlockDevices": "ebs_block_device",
        "ephemeralBlockDevices": "ephemeral_block_device",
        "networkInterfaces": "network_interface",
    },
}
"""Terraform type -> path -> Terraform's name of it, where that is another word."""

_SINGLE = {
    "aws_autoscaling_group": (
        "availabilityZoneDistribution capacityReservationSpecification capacityReservationSpecification.capacityReservationTarget "
        "instanceMaintenancePolicy instanceRefresh instanceRefresh.preferences instanceRefresh.preferences.alarmSpecification "
        "launchTemplate mixedInstancesPolicy mixedInstancesPolicy.instancesDistribution mixedInstancesPolicy.launchTemplate "
        "mixedInstancesPolicy.launchTemplate.launchTemplateSpecification "
        "mixedInstancesPolicy.launchTemplate.overrides.launchTemplateSpecification warmPool warmPool.instanceReusePolicy"
    ),
    "aws_db_instance": "blueGreenUpdate restoreToPointInTime s3Import",
    "aws_docdb_cluster": "restoreToPointInTime",
    "aws_ec2_fleet": (
        "launchTemplateConfigs.launchTemplateSpecification onDemandOptions onDemandOptions.capacityReservationOptions spotOptions "
        "spotOptions.maintenanceStrategies spotOptions.maintenanceStrategies.capacityRebalance targetCapacitySpecification"
    ),
    "aws_ecs_cluster": (
        "configuration configuration.executeCommandConfiguration configuration.executeCommandConfiguration.logConfiguration "
        "configuration.managedStorageConfiguration serviceConnectDefaults"
    ),
    "aws_ecs_service": (
        "alarms deploymentCircuitBreaker deploymentController networkConfiguration serviceConnectConfiguration "
        "serviceConnectConfiguration.logConfiguration serviceConnectConfiguration.services.timeout "
        "serviceConnectConfiguration.services.tls serviceConnectConfiguration.services.tls.issuerCertAuthority serviceRegistries "
        "volumeConfiguration volumeConfiguration.managedEbsVolume"
    ),
    "aws_ecs_task_definition": (
        "ephemeralStorage runtimePlatform volumes.dockerVolumeConfiguration volumes.efsVolumeConfiguration "
        "volumes.efsVolumeConfiguration.authorizationConfig volumes.fsxWindowsFileServerVolumeConfiguration "
        "volumes.fsxWindowsFileServerVolumeConfiguration.authorizationConfig"
    ),
    "aws_eks_cluster": (
        "accessConfig certificateAuthority computeConfig encryptionConfig encryptionConfig.provider kubernetesNetworkConfig "
        "kubernetesNetworkConfig.elasticLoadBalancing outpostConfig outpostConfig.controlPlanePlacement remoteNetworkConfig "
        "remoteNetworkConfig.remoteNodeNetworks remoteNetworkConfig.remotePodNetworks storageConfig storageConfig.blockStorage "
        "upgradePolicy vpcConfig zonalShiftConfig"
    ),
    "aws_eks_node_group": "launchTemplate nodeRepairConfig remoteAccess scalingConfig updateConfig",
    "aws_elasticache_cluster": "snapshotArns",
    "aws_elasticache_serverless_cache": "cacheUsageLimits cacheUsageLimits.dataStorage",
    "aws_elasticsearch_domain": (
        "advancedSecurityOptions advancedSecurityOptions.masterUserOptions autoTuneOptions "
        "autoTuneOptions.maintenanceSchedules.duration clusterConfig clusterConfig.coldStorageOptions "
        "clusterConfig.zoneAwarenessConfig cognitoOptions domainEndpointOptions ebsOptions encryptAtRest nodeToNodeEncryption "
        "snapshotOptions vpcOptions"
    ),
    "aws_elb": "accessLogs healthCheck",
    "aws_instance": (
        "capacityReservationSpecification capacityReservationSpecification.capacityReservationTarget cpuOptions "
        "creditSpecification enclaveOptions instanceMarketOptions instanceMarketOptions.spotOptions launchTemplate "
        "maintenanceOptions metadataOptions privateDnsNameOptions rootBlockDevice"
    ),
    "aws_lambda_function": (
        "deadLetterConfig environment ephemeralStorage fileSystemConfig imageConfig loggingConfig snapStart tracingConfig vpcConfig"
    ),
    "aws_launch_configuration": "metadataOptions rootBlockDevice",
    "aws_launch_template": (
        "blockDeviceMappings.ebs capacityReservationSpecification capacityReservationSpecification.capacityReservationTarget "
        "cpuOptions creditSpecification elasticInferenceAccelerator enclaveOptions hibernationOptions iamInstanceProfile "
        "instanceMarketOptions instanceMarketOptions.spotOptions maintenanceOptions metadataOptions monitoring "
        "networkInterfaces.connectionTrackingSpecification networkInterfaces.enaSrdSpecification "
        "networkInterfaces.enaSrdSpecification.enaSrdUdpSpecification placement privateDnsNameOptions"
    ),
    "aws_lb": "accessLogs connectionLogs ipamPools minimumLoadBalancerCapacity",
    "aws_lb_listener": (
        "defaultActions.authenticateCognito defaultActions.authenticateOidc defaultActions.fixedResponse defaultActions.forward "
        "defaultActions.forward.stickiness defaultActions.redirect mutualAuthentication"
    ),
    "aws_lb_listener_rule": (
        "actions.authenticateCognito actions.authenticateOidc actions.fixedResponse actions.forward actions.forward.stickiness "
        "actions.redirect conditions.hostHeader conditions.httpHeader conditions.httpRequestMethod conditions.pathPattern "
        "conditions.sourceIp"
    ),
    "aws_lb_target_group": (
        "healthCheck stickiness targetGroupHealth targetGroupHealth.dnsFailover targetGroupHealth.unhealthyStateRouting"
    ),
    "aws_mq_broker": "configuration encryptionOptions ldapServerMetadata logs maintenanceWindowStartTime",
    "aws_msk_cluster": (
        "brokerNodeGroupInfo brokerNodeGroupInfo.connectivityInfo brokerNodeGroupInfo.connectivityInfo.publicAccess "
        "brokerNodeGroupInfo.connectivityInfo.vpcConnectivity "
        "brokerNodeGroupInfo.connectivityInfo.vpcConnectivity.clientAuthentication "
        "brokerNodeGroupInfo.connectivityInfo.vpcConnectivity.clientAuthentication.sasl brokerNodeGroupInfo.storageInfo "
        "brokerNodeGroupInfo.storageInfo.ebsStorageInfo brokerNodeGroupInfo.storageInfo.ebsStorageInfo.provisionedThroughput "
        "clientAuthentication clientAuthentication.sasl clientAuthentication.tls configurationInfo encryptionInfo "
        "encryptionInfo.encryptionInTransit loggingInfo loggingInfo.brokerLogs loggingInfo.brokerLogs.cloudwatchLogs "
        "loggingInfo.brokerLogs.firehose loggingInfo.brokerLogs.s3 openMonitoring openMonitoring.prometheus "
        "openMonitoring.prometheus.jmxExporter openMonitoring.prometheus.nodeExporter"
    ),
    "aws_neptune_cluster": "serverlessV2ScalingConfiguration",
    "aws_opensearch_domain": (
        "advancedSecurityOptions advancedSecurityOptions.masterUserOptions autoTuneOptions "
        "autoTuneOptions.maintenanceSchedules.duration clusterConfig clusterConfig.coldStorageOptions "
        "clusterConfig.nodeOptions.nodeConfig clusterConfig.zoneAwarenessConfig cognitoOptions domainEndpointOptions ebsOptions "
        "encryptAtRest nodeToNodeEncryption offPeakWindowOptions offPeakWindowOptions.offPeakWindow "
        "offPeakWindowOptions.offPeakWindow.windowStartTime snapshotOptions softwareUpdateOptions vpcOptions"
    ),
    "aws_rds_cluster": "restoreToPointInTime s3Import scalingConfiguration serverlessv2ScalingConfiguration",
    "aws_redshift_cluster": "logging snapshotCopy",
    "aws_redshiftserverless_workgroup": "pricePerformanceTarget",
    "aws_spot_fleet_request": (
        "launchTemplateConfigs.launchTemplateSpecification spotMaintenanceStrategies spotMaintenanceStrategies.capacityRebalance"
    ),
    "aws_spot_instance_request": (
        "capacityReservationSpecification capacityReservationSpecification.capacityReservationTarget cpuOptions "
        "creditSpecification enclaveOptions launchTemplate maintenanceOptions metadataOptions privateDnsNameOptions "
        "rootBlockDevice"
    ),
    "aws_vpc_peering_connection": "accepter requester",
    "aws_vpc_peering_connection_accepter": "accepter requester",
}

SINGLE: Mapping[str, frozenset[str]] = {kind: frozenset(paths.split()) for kind, paths in _SINGLE.items()}
"""Terraform type -> paths that are a list (of at most one item) in Terraform and the item itself in Pulumi."""
